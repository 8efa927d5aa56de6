# Виды партнёров: галерея и страница одного из них.
place-integrations = Интеграции
integrations-note = Виды партнёров, которым можно передавать лиды. Сеть — это аккаунт у одного из них.
integrations-search = Поиск интеграций
integrations-find = Найти
integrations-count = { $count ->
    [one] { $count } интеграция
    [few] { $count } интеграции
   *[other] { $count } интеграций
}
integrations-none-found = По запросу «{ $query }» ничего нет
integrations-none-advice = Партнёра с интерфейсом HTTP можно подключить универсальной интеграцией или собственным файлом.
integration-use = Использовать
integration-settings = Какие настройки нужны
integration-no-settings = Настройки не нужны.
integration-setting = Настройка
integration-kind = Вид
integration-help = Что это
integration-default = (если не заполнить: { $value })
integration-networks = Сети этого вида
integration-statuses = Какие статусы знает
integration-no-statuses = Своих слов не знает: таблица у каждой сети своя.
setting-text = текст
setting-url = URL
setting-secret = секрет
setting-number = число
setting-bool = да или нет
setting-choice = выбор
setting-object = имена и значения

# Что умеет интеграция.
can-send = Отправляет лиды
can-poll = Опрашивает статусы
can-inbound = Принимает вызовы
can-look-up = Сверяет лиды
can-hear-changes = Узнаёт об изменениях
can-hear-verdicts = Узнаёт наше решение
can-test = Знает тестовые лиды
can-plans = Есть планы
can-records = Есть записи
