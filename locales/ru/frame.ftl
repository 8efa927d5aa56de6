# То, что стоит вокруг каждой страницы.
menu = Меню
menu-work = Работа
menu-know = Сведения
menu-set-up = Настройка
place-overview = Обзор
place-leads = Лиды
place-deliveries = Отправки
place-inbound = Входящие постбеки
place-postbacks = Постбеки
place-unmapped = Неизвестные статусы
place-audit = Журнал изменений
place-networks = Сети
place-api = Документация API
sign-out = Выйти
skip = К содержимому
close = Закрыть
copied = Скопировано
not-copied = Не скопировано
cancel = Отмена
go-back = Назад
test = тест
keys-title = Клавиши
keys-search = Поиск
keys-rows = Следующая и предыдущая строка
keys-open = Открыть строку
keys-retry = Действие в строке
keys-list = Этот список
error-role = ваша роль не открывает эту страницу

# Даты и возраст. День и год приходят как есть, месяцы и дни недели — числами.
date-short = { $day } { $month ->
    [1] янв
    [2] фев
    [3] мар
    [4] апр
    [5] мая
    [6] июн
    [7] июл
    [8] авг
    [9] сен
    [10] окт
    [11] ноя
   *[12] дек
}
date-long = { $weekday ->
    [1] Понедельник
    [2] Вторник
    [3] Среда
    [4] Четверг
    [5] Пятница
    [6] Суббота
   *[7] Воскресенье
}, { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
} { $year }
age-now = сейчас
age-seconds = { $count } с
age-minutes = { $count } мин
age-hours = { $count } ч
age-days = { $count } дн

# Поиск везде.
search = Поиск
search-everywhere = Поиск везде
search-label = Лид, телефон, почта, сеть, оффер, страница …
search-go = Найти
search-none = По запросу «{ $query }» ничего не найдено.
search-lead = Лид { $number }
search-pages = Страницы
search-acts = Действия
