# Сети: их карточки, подключение, страница сети, опросы.
networks-connect = Подключить сеть
networks-connect-note = Выберите, как передавать лиды. Настройки можно изменить позже.
networks-connect-first = Подключить первую
networks-none = Пока не подключено ни одной сети
networks-none-advice = Сеть — это то, куда уходят лиды: партнёр, колл-центр, CRM. Песочница — тоже сеть и отвечает так, как вы ей скажете.
networks-none-ask = Первую сеть может подключить администратор.
networks-sample = { $count ->
    [one] Данные за последние 24 часа, не больше { $count } последней отправки каждой сети.
    [few] Данные за последние 24 часа, не больше { $count } последних отправок каждой сети.
   *[other] Данные за последние 24 часа, не больше { $count } последних отправок каждой сети.
}
networks-refused-note = Отказ — не ошибка: сеть ответила и сказала «нет».
networks-more = Здесь показаны не все сети; полный список отдаёт API.
networks-no-integrations = Интеграций нет
networks-no-integrations-advice = Положите файл-шаблон в папку интеграций и перезапустите сервер.

# Группы интеграций и то, насколько мы уверены в интеграции.
network-group-practice = Для пробы
network-group-generic = Универсальные
network-group-network = Сети
network-group-altercpa = AlterCPA
network-group-crm = CRM
network-sure-documented = По документации
network-sure-seen-in-code = По исходному коду
network-sure-guessed = Предположительно
network-has-poll = Статус опросом
network-has-test = Знает тестовые лиды

# Как идут дела у сети.
network-accepted = Принято
network-accepted-day = Принято за 24 ч
network-accepted-of = { $part } из { $whole }
network-errors = Ошибки
network-errors-day = Ошибки за 24 ч
network-waiting = Ждут
network-in-flight = { $count } в пути
network-call-takes = Время вызова
network-ms = { $count } мс
network-seconds = { $whole },{ $tenth } с
network-last-poll = Последний опрос
network-last-postback = Последний постбек
network-ago = { $age } назад
network-never = не было
network-unmapped = Слова без значения
network-none = нет
network-off = Выключена
network-paused-because = На паузе: { $why }
network-paused-leads = { $why } Лиды ждут, пока сеть не возобновят.
network-missing-params = { $count ->
    [one] Лиды оффера { $offer } отправить нельзя: у него нет параметра
    [few] Лиды оффера { $offer } отправить нельзя: у него нет параметров
   *[other] Лиды оффера { $offer } отправить нельзя: у него нет параметров
}
network-number = номер { $number }
network-version = версия настроек { $version }

# Что можно сделать с сетью и что из этого вышло.
network-pause = Приостановить
network-resume = Возобновить
network-test = Тест
network-is-paused = Сеть { $network } на паузе; её лиды ждут.
network-goes-on = Сеть { $network } снова работает; прежние сбои забыты.
network-not-done = Не выполнено: { $why }.
network-connect = Подключить
network-choose-another = Выбрать другую
network-connected = Сеть { $network } подключена. Отправьте ей тестовый лид.
network-saved = Сохранено.

# Настройки сети.
network-settings = Настройки
network-more = Лимиты, слова статусов, параметры
network-name = Название
network-name-help = Для людей. Если не заполнить, будет короткое имя.
network-slug = Короткое имя
network-slug-help = Для программ и маршрутов: a-z, 0-9, - _ и точки.
network-timeout = Предел времени вызова, секунд
network-timeout-help = От 1 до 120; если не заполнить — 30.
network-concurrency = Вызовов одновременно
network-concurrency-help = От 1 до 1000; если не заполнить — 16.
network-per-second = Вызовов в секунду
network-per-second-help = Если не заполнить — без ограничения.
network-status-map = Слова статусов
network-status-map-help = Их слово = наш статус, по одному на строку, например «in work = hold». Наши: pending, hold, approved, paid, rejected, trash.
network-status-map-wrong = строка { $line } — не «их слово = наш статус»
network-params = Параметры
network-params-help = Объект JSON; он важнее параметров оффера.
network-params-wrong = это не объект JSON (строка { $line })
network-number-wrong = должно быть числом
network-lines = По одному на строку, в виде «имя: значение».
network-lines-wrong = строка { $line } — не «имя: значение»
network-secret-set = задано
network-secret-unset = не задано
network-secret-keep = Оставьте пустым, чтобы не менять
network-secret-remove = Удалить сохранённое
network-integration-gone = Интеграции { $integration } больше нет. Верните её файл, чтобы менять настройки и отправлять лиды.
network-offer-params = Берётся из офферов
network-param-required = обязательно
network-param-required-or = обязательно это или { $other }
network-links = Страницы партнёра
network-postback = Адрес постбека
network-postback-note = Передайте его партнёру. Последняя часть секретна: кто её знает, тот может менять статусы.
network-postback-ask = В нём есть секрет; спросите его у администратора.
network-copy = Скопировать

# Тестовый лид.
network-test-title = Отправить тестовый лид
network-test-note = Он уходит по-настоящему, с пометкой теста, если партнёр её понимает. Ничего не сохраняется.
network-test-phone = Телефон
network-test-send = Отправить тестовый лид
network-test-another = Отправить ещё один
network-test-country-wrong = нужен код страны, например DE
network-test-not-sent = Не отправлено: { $why }.
network-test-request = Запрос
network-test-no-request = Запроса не было.
network-test-answer = Ответ
network-test-no-answer = Ответа не было.
network-test-accepted = Сеть приняла лид.
network-test-accepted-id = Сеть приняла лид, её id { $id }.
network-test-accepted-word = Сеть приняла лид; его статус «{ $word }».
network-test-accepted-both = Сеть приняла лид, её id { $id }; его статус «{ $word }».
network-test-trash = Сеть отказала: дубль или неверные данные: { $reason }
network-test-refused = Сеть отказала: { $reason }
network-test-no-capacity = У сети сейчас нет места: { $reason }
network-test-retry = Лид не дошёл; настоящий был бы отправлен снова: { $reason }
network-test-unknown = Лид отправлен, но неизвестно, дошёл ли он: { $reason }
network-test-misconfigured = Что-то не так в настройках: { $reason }

# Слова без значения.
network-words = Слова, которым никто не дал значения
network-words-note = Отчёты ждут и применятся, когда вы скажете, что значит слово.
network-word = Их слово
network-word-means = Что значит { $word }
network-word-choose = Выберите

# Что отправлялось недавно.
network-attempts = Последние попытки
network-attempts-none = Ещё ничего не отправлено
network-attempts-none-advice = Попытки появятся, как только маршрут отправит лиды в эту сеть. Тестовый лид покажет, что всё работает.
network-leads = Лиды этой сети
network-outcome = Исход
network-took = Длительность
network-detail = Подробности
network-look-up = сверка

# О чём сеть опрашивают и что это принесло.
poll-title = Опросы статусов
poll-now = Опросить сейчас
poll-begun = Сеть опрашивается; обновите страницу, чтобы увидеть ответ.
poll-feed = Лента
poll-asks = О чём
poll-asks-ids = о лидах по id
poll-asks-time = о том, что произошло с тех пор
poll-every = Каждые
poll-behind = Отставание
poll-never = не опрашивалась
poll-next = Следующий
poll-soon = скоро
poll-last-error = Последняя ошибка
poll-failures = { $count ->
    [one] ({ $count } раз подряд)
    [few] ({ $count } раза подряд)
   *[other] ({ $count } раз подряд)
}
poll-past = Что принесли опросы
poll-by-hand = вручную
poll-began = Начат
poll-calls = Вызовы
poll-reports = Отчёты
poll-applied = Применено
poll-unmapped = Не сопоставлено
poll-no-lead = Лид не найден
poll-error = Ошибка
poll-again = Прочитать часть прошлого заново
poll-from = С дня ({ $zone })
poll-to = По день включительно
poll-again-do = Прочитать заново
poll-days-wrong = Опрос не начат: укажите дни в виде 2026-11-30.
poll-orphans = Отчёты без лида
poll-orphans-note = Сеть сообщает о них, но не называет лида, полученного отсюда.
poll-their-id = Их id
poll-our-id = Наш id по их словам
poll-revenue = Доход
