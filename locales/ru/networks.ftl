# Сети: их карточки, подключение, страница сети, опросы.
networks-approve-rates = Доля одобренных по дням
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
network-word = Их слово
network-word-means = Что значит { $word }
network-word-choose = Выберите

# Что отправлялось недавно.
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
poll-until = Прочитано до
poll-asked = Спрошено
poll-all-feeds = Все ленты
poll-none = Эту сеть не опрашивают о статусах
poll-none-settings = Интеграция умеет опрашивать, но с нынешними настройками не опрашивает.
poll-none-advice = Интеграция не умеет опрашивать. Статусы приходят вызовами партнёра.
poll-orphans-there = Сеть сообщает о том, для чего лид не найден.
poll-orphans-look = Посмотреть

# Вкладки страницы сети.
network-tabs = Разделы этой сети
network-tab-connection = Подключение
network-tab-request = Запрос
network-tab-answers = Ответы
network-tab-statuses = Статусы
network-tab-polling = Опрос
network-tab-inbound = Входящий постбек
network-tab-tests = Тесты
network-tab-parameters = Параметры
network-tab-plans = Планы
network-tab-history = История
network-archived = Сеть в архиве; туда больше ничего не отправляется.

# Что отправляется.
request-title = Что отправляется
request-of-sample = Составлено по образцу лида первого оффера, который идёт в эту сеть, и не отправлено. Секреты скрыты.
request-of-lead = Составлено по этому лиду, как он есть сейчас, и не отправлено. Секреты и данные человека скрыты.
request-lead = Лид
request-lead-help = Номер или id. Если не заполнить — образец.
request-show = Показать
request-sample = Снова образец
request-none = Вызова не было бы.
request-param = Параметр { $name }
request-no-lead = Такого лида нет.

# Что значит ответ.
answer-title = Проверить ответ
answer-note = Вставьте ответ партнёра, чтобы увидеть, что он значит. Ничего не сохраняется.
answer-status = Статус HTTP
answer-status-wrong = нужно число от 100 до 599
answer-headers = Заголовки
answer-body = Тело
answer-judge = Что это значит?
answer-meaning = Это значит
answer-none-yet = Здесь появится значение ответа, когда вы спросите.
answer-goes-on = Отправка продолжилась бы ещё одним вызовом:
answer-rule = Решило правило { $no } интеграции
answer-no-rule = Записанного правила для этого нет: такие ответы интеграция оценивает кодом, или ответ не говорит ни «да», ни «нет».
answer-id = Их id
answer-word = Их статус
answer-means = «{ $status }» по таблице интеграции
answer-means-own = «{ $status }» по своей таблице сети
answer-means-nothing = пока ничего: слово не сопоставлено
answer-payout = Платят
answer-redirect = Куда отправить человека
answer-message = Их слова
answer-after = Повторить через
answers-pace = Миллисекунды до ответа, за последние 24 часа
answers-sends = Учтено отправок
answers-p50 = Половина ниже
answers-p95 = 95 % ниже
answers-p99 = 99 % ниже
answers-last = Последние ответы
answers-filter = По исходу
answers-none-such = Ответов с таким исходом не было
answers-sample = { $count ->
    [one] Из { $count } последней отправки за 30 дней; показано не больше 100 ответов.
    [few] Из { $count } последних отправок за 30 дней; показано не больше 100 ответов.
   *[other] Из { $count } последних отправок за 30 дней; показано не больше 100 ответов.
}

# Что значат слова сети.
statuses-title = Слова статусов
statuses-note = Сначала те, которым никто не дал значения. Изменение действует со следующего отчёта; значение открытого слова применяется и к тому, что ждало.
statuses-none = За последние 30 дней слов статусов не было
statuses-none-advice = Слова появятся, когда сеть ответит, вызовет нас или будет опрошена.
statuses-why = Почему
statuses-change = Изменить
statuses-own = своя таблица
statuses-integration = интеграция
statuses-nobody = никто не сказал
statuses-otherwise = (по интеграции — «{ $status }»)
statuses-leave = Оставить интеграции
statuses-sample = { $count ->
    [one] Лиды, у которых это последнее слово, из { $count } последней отправки за 30 дней.
    [few] Лиды, у которых это последнее слово, из { $count } последних отправок за 30 дней.
   *[other] Лиды, у которых это последнее слово, из { $count } последних отправок за 30 дней.
}
status-set = Теперь «{ $word }» значит «{ $status }».
status-left = Значение «{ $word }» оставлено интеграции.

# Что вызывает партнёр.
inbound-example = Например, с макросами партнёра на месте фигурных скобок:
inbound-params = Что может сообщить вызов
inbound-params-note = В строке запроса, в форме или в JSON. Если имён несколько, берётся первое из имеющихся.
inbound-param = Параметр
inbound-says = Что сообщает
inbound-own-form = Партнёр вызывает в своём собственном виде, и интеграция его читает: нужен только адрес.
inbound-param-id = Наш id или номер лида, как он был отправлен.
inbound-param-external-id = Их id лида, если наш неизвестен.
inbound-param-status = Их слово статуса; что оно значит, сказано на вкладке «Статусы».
inbound-param-payout = Сколько платят нам.
inbound-param-currency = Валюта, например USD. Если её нет — валюта оффера.
inbound-param-goal = Достигнутая цель оффера.
inbound-param-reason = Причина отказа: словами или кодом от 1 до 15.
inbound-param-comment = Комментарий; его видит вебмастер.
inbound-param-transaction-id = Их id этого результата, если у лида их может быть несколько.
inbound-last = Последние вызовы
inbound-all = Все вызовы этой сети
inbound-none = Сеть ещё не вызывала
inbound-none-advice = Здесь появятся её вызовы, в том числе ничего не изменившие, с причиной.

# Записанные случаи.
cases-title = Записанные случаи
cases-note = Что интеграция отправляет и как оценивает ответы; записано вместе с её файлом. Выполняются с образцовыми настройками, без вызовов.
cases-run = Выполнить все
cases-none = У интеграции нет записанных случаев.
cases-case = Случай
cases-passed = совпал
cases-differs = Что отличается
cases-differs-chip = отличается
cases-all-passed = { $count ->
    [one] { $count } случай совпал.
    [few] Все { $count } случая совпали.
   *[other] Все { $count } случаев совпали.
}
cases-failed = { $count ->
    [one] { $count } случай из { $whole } отличается.
    [few] { $count } случая из { $whole } отличаются.
   *[other] { $count } случаев из { $whole } отличаются.
}

# Что должны давать офферы.
params-none = Интеграция ничего не берёт из офферов
params-none-advice = Любой оффер можно направить сюда как есть.
params-offers = Офферы, которые идут в эту сеть
params-no-offers = Сюда не идёт ни один оффер
params-no-offers-advice = Маршруты создаются на странице оффера.
params-off = выключено
params-missing = нет
params-where = Они стоят в параметрах оффера; параметры сети и потока важнее. «name-de» действует для страны DE.

# История сети.
history-all = В журнале изменений
history-none = Изменений ещё не было.
history-changes = Было → стало

# Что партнёр предлагает продвигать.
plans-search = Поиск планов
plans-name = Название
plans-mine = Только с поданной заявкой
plans-find = Найти
plans-note = Прочитано у партнёра только что. Отметьте те, что станут офферами.
plans-wrong = Планы прочитать не удалось: { $why }
plans-none = Планов не найдено
plans-none-advice = Поищите по другому названию или посмотрите все.
plans-choose = Выбрать
plans-choose-one = Создать оффер: { $plan }
plans-plan = План
plans-pays = Платит
plans-days = Дней
plans-open = Для этого аккаунта
plans-is-open = открыт
plans-is-closed = не открыт
plans-warnings = Предупреждения
plans-offer = оффер { $offer }
plans-anyway = Создавать офферы и для планов с предупреждениями
plans-make = Создать офферы
plans-before = Предыдущая страница
plans-tick = Отметьте планы: от 1 до { $most }.
plans-made = { $count ->
    [one] Создан { $count } оффер: { $offers }. Теперь задайте ему маршрут.
    [few] Создано { $count } оффера: { $offers }. Теперь задайте им маршруты.
   *[other] Создано { $count } офферов: { $offers }. Теперь задайте им маршруты.
}
plans-some-made = { $count ->
    [one] Создан { $count } оффер: { $offers }. Не созданы: { $why }
    [few] Создано { $count } оффера: { $offers }. Не созданы: { $why }
   *[other] Создано { $count } офферов: { $offers }. Не созданы: { $why }
}
plans-none-made = Офферы не созданы: { $why }
