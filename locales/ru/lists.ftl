# Общее для всех списков.
list-filter = Фильтр
list-all-filters = Показать все фильтры
list-any = Любой
list-show = Показать
list-clear = Сбросить всё
list-filters-set = Включённые фильтры
list-remove-filter = убрать этот фильтр
list-columns = Вид
list-columns-shown = Столбцы
list-order = Порядок
list-apply = Применить
list-acts = Действия
list-pages = Страницы
list-first = Первая страница
list-news = Новых:
list-next = Следующая
list-zone = Время: { $zone }
list-caption = { $title }; время: { $zone }
list-wrong = Фильтр не подходит. { $errors }.
list-wrong-title = Фильтр не подходит
list-wrong-advice = Исправьте его выше или сбросьте.
list-none = Ничего не найдено
list-none-advice = Уберите фильтр или сбросьте все.
sort-newest = Сначала новые
sort-oldest = Сначала старые

views = Виды
view-all = Все
view-shared = общий
view-keep = Сохранить
view-keep-this = Сохранить этот вид
view-name = Название вида
view-share = Для всех
view-forget = Забыть вид { $name }
view-kept = Вид «{ $name }» сохранён.
view-forgotten = Вид удалён.
view-name-wrong = Дайте виду название не длиннее { $most } букв.

field-search = Поиск
field-status = Статус
field-delivery = Отправка
field-offer = Оффер
field-network = Сеть
field-webmaster = Вебмастер
field-country = Страна
field-from = С
field-to = По
field-state = Состояние
field-purpose = Назначение
field-their-id = Id в сети
field-lead = Лид
field-result = Итог
field-told = Сообщённый статус
field-postback = Постбек
field-postback-state = Постбек
field-seen-from = Встречался с
field-seen-to = Встречался по

column-number = Номер
column-id = Id
column-time = Время
column-offer = Оффер
column-contact = Контакт
column-country = Страна
column-status = Статус
column-delivery = Отправка
column-network = Сеть
column-payout = Выплата
column-webmaster = Вебмастер
column-age = Возраст
column-lead = Лид
column-state = Состояние
column-reason = Причина
column-next = Следующая попытка
column-attempts = Попытки
column-their-id = Id в сети
column-lead-status = Статус лида
column-purpose = Назначение
column-result = Итог
column-named = Назван как
column-judged = Разобран
column-method = Метод
column-address = Адрес
column-told = Сообщённый статус
column-answer = Ответ
column-change = Изменение
column-word = Слово статуса
column-means = Значит
column-leads = Лиды
column-money = Деньги
column-examples = Примеры
column-first-seen = Впервые
column-last-seen = В последний раз

about-lead = лид { $number }
about-call = вызов { $network }

leads-search-hint = Телефон, почта, click id, внешний id, номер
none-leads = Лидов ещё не было
none-advice-leads = На обзоре есть шесть шагов до первого.

none-deliveries = Ещё ничего не отправлено
none-advice-deliveries = Отправки появятся, как только маршрут возьмёт лид.
delivery-retried = Отправка будет повторена.
delivery-decided = Решено. Лид идёт дальше.
act-retry = Повторить
act-decide = Решить
act-decide-what = Что выяснилось?
act-decide-none = Выберите, что вы выяснили у сети.
finding-accepted = Лид у сети
finding-refused = Отказ
finding-not_there = Лида нет: отправить снова
failures-title = Что сбоит сейчас
failures-count = { $count ->
    [one] { $count } раз с { $since }; последний { $last } назад
    [few] { $count } раза с { $since }; последний { $last } назад
   *[other] { $count } раз с { $since }; последний { $last } назад
}
failures-waiting = { $count ->
    [one] { $count } отправка ждёт повтора
    [few] { $count } отправки ждут повтора
   *[other] { $count } отправок ждут повтора
}

none-inbound = Сети ещё не звонили
none-advice-inbound = Дайте сети её адрес постбека: он есть на странице сети.
inbound-call = Вызов
inbound-reprocessed = Разобран заново: { $result }.
act-reprocess = Разобрать заново

none-postbacks = Вебмастерам ещё ничего не сообщали
none-advice-postbacks = Постбеки появятся, когда лид сменит статус и у вебмастера есть для этого адрес.
postback-call = Вызов
postback-resent = Постбек отправлен снова с тем же id.
act-resend = Отправить снова

none-unmapped = У каждого статуса есть значение
none-advice-unmapped = Если сеть пришлёт незнакомое слово, оно будет ждать здесь, пока его не сопоставят.
unmapped-open = не сопоставлен
unmapped-example = Лид { $no }
unmapped-done = { $reports ->
    [0] Теперь это значит «{ $status }». Отчётов не ждало (применено { $applied }).
    [one] Это значит «{ $status }»: ждал { $reports } отчёт, изменил что-то { $applied }.
    [few] Это значит «{ $status }»: ждали { $reports } отчёта, изменили что-то { $applied }.
   *[other] Это значит «{ $status }»: ждали { $reports } отчётов, изменили что-то { $applied }.
}
act-map = Сопоставить
act-map-to = Это значит
act-map-none = Выберите, что значит слово.

replay-all = Повторить все эти
replay-title-deliveries = Отправить снова
replay-title-postbacks = Повторить постбеки
replay-title-inbound = Разобрать вызовы заново
replay-note-deliveries = С низким приоритетом и в темпе каждой сети: свежие лиды идут первыми. За те, что на проверке, вы ручаетесь, что лида у сети нет.
replay-note-postbacks = С прежними id, с низким приоритетом и в темпе каждого адреса.
replay-note-inbound = Сейчас, по сегодняшним сопоставлениям. Применённое раньше дважды не применяется.
replay-none = Фильтр не нашёл ничего, что можно повторить.
replay-count = { $count ->
    [one] Будет повторена { $count } строка.
    [few] Будут повторены { $count } строки.
   *[other] Будет повторено { $count } строк.
}
replay-do = Выполнить
replay-done = { $count ->
    [one] Повторяется { $count } строка.
    [few] Повторяются { $count } строки.
   *[other] Повторяется { $count } строк.
}
