# Оповещения: страница, правила, каналы и тексты сообщений.
place-alerts = Оповещения
alerts-open = Сейчас
alerts-open-none = Всё в порядке.
alerts-past = Последние дни: { $days }
alerts-past-none = Ничего не случалось
alerts-past-none-advice = Здесь будут оповещения, которые уже закончились.
alert = Оповещение
alert-began = Началось
alert-lasted = Длилось
alert-since = с { $time } ({ $age })
alert-calm = скоро закончится, если так и останется
alert-go = Посмотреть
alert-critical = критично
alert-count = { $count ->
    [one] { $count } оповещение
    [few] { $count } оповещения
   *[other] { $count } оповещений
}

# За чем следим.
alert-kind-queue = Очередь отстаёт
alert-kind-breaker = Сеть не отвечает
alert-kind-paused = Сеть на паузе
alert-kind-unmapped = Статусы без значения
alert-kind-cap_near = Лимит почти исчерпан
alert-kind-cap_full = Лимит исчерпан
alert-kind-approve_rate = Апрув упал
alert-kind-poll_late = Статусы читаются с опозданием
alert-kind-postbacks = Постбеки не доходят
alert-kind-unrouted = Лиды без маршрута
alert-kind-review = Нужна проверка исхода
alert-kind-disk = Диск почти полон
alert-about-queue = Лид, постбек или другая работа, которую уже можно выполнить, ждёт дольше, чем должна.
alert-about-breaker = С сетью не удалось связаться несколько раз подряд. Её лиды ждут, попытки идут сами.
alert-about-paused = Сеть отвергла наш ключ или адрес, либо её кто-то поставил на паузу. Лиды ждут, пока её не включат.
alert-about-unmapped = Сеть прислала слово статуса, которому не задано значение. Её отчёты ждут. О каждом новом слове сообщается.
alert-about-cap_near = Лимит действующего маршрута исчерпан до этой доли.
alert-about-cap_full = Лимит действующего маршрута исчерпан: его лиды идут по следующему маршруту или ждут.
alert-about-approve_rate = Среди лидов, по которым решение пришло сегодня и вчера, подтверждена меньшая доля, чем за две недели до того. Проверяется раз в десять минут по сетям и офферам; нужно не меньше 30 решений сейчас и 100 раньше.
alert-about-poll_late = То, что сеть говорит о лидах, читается позже, чем позволяет интервал.
alert-about-postbacks = Адрес вебмастера раз за разом не принимает вызовы. Он не узнаёт о своих лидах.
alert-about-unrouted = Лиды, которые не берёт ни один маршрут. Они уйдут, как только какой-нибудь возьмёт.
alert-about-review = Отправки, исход которых неизвестен. Они ждут человека.
alert-about-disk = Диск, на котором лежит база, почти полон. Когда он заполнится, лиды перестанут приниматься.

# Фразы оповещений — на странице и в сообщениях.
alert-queue-network = Очередь { $network } отстаёт: самая старая задача ждёт { $age }
alert-queue-endpoint = Постбеки вебмастеру отстают: самый старый ждёт { $age }
alert-queue-own = Собственная работа сервера отстаёт: самая старая задача ждёт { $age }
alert-breaker = { $count ->
    [one] { $network } не отвечает ({ $count } сбой); её лиды ждут
    [few] { $network } не отвечает ({ $count } сбоя подряд); её лиды ждут
   *[other] { $network } не отвечает ({ $count } сбоев подряд); её лиды ждут
}
alert-paused = { $network } на паузе; её лиды ждут
alert-unmapped = { $count ->
    [one] { $network }: { $count } слово статуса без значения
    [few] { $network }: { $count } слова статусов без значения
   *[other] { $network }: { $count } слов статусов без значения
}
alert-cap-near = { $offer } → { $network }: { $used } из { $limit } лидов { $period } ({ $percent } %)
alert-cap-full = { $offer } → { $network }: лимит { $limit } лидов { $period } исчерпан (занято { $used }, { $percent } %)
alert-period-hour = в час
alert-period-day = в день
alert-period-week = в неделю
alert-period-month = в месяц
alert-period-total = всего
alert-approve-rate = { $name }: подтверждено { $percent } % решённых лидов, обычно { $usual } %
alert-poll-late = Статусы { $network } ({ $feed }) отстают на { $age }
alert-postbacks = { $count ->
    [one] Постбеки вебмастеру номер { $number } не доходят ({ $count } сбой)
    [few] Постбеки вебмастеру номер { $number } не доходят ({ $count } сбоя подряд)
   *[other] Постбеки вебмастеру номер { $number } не доходят ({ $count } сбоев подряд)
}
alert-postbacks-house = { $count ->
    [one] Общий постбек не доходит ({ $count } сбой)
    [few] Общий постбек не доходит ({ $count } сбоя подряд)
   *[other] Общий постбек не доходит ({ $count } сбоев подряд)
}
alert-unrouted = { $count ->
    [one] { $count } лид без маршрута
    [few] { $count } лида без маршрута
   *[other] { $count } лидов без маршрута
}
alert-review = { $count ->
    [one] { $count } отправка требует проверки
    [few] { $count } отправки требуют проверки
   *[other] { $count } отправок требуют проверки
}
alert-disk = На диске свободно { $percent } %

# Сообщения.
alert-title = { $open ->
    [0] { $over ->
        [one] { $over } оповещение закончилось
        [few] { $over } оповещения закончились
       *[other] { $over } оповещений закончились
    }
    [one] { $over ->
        [0] { $open } оповещение
       *[other] { $open } оповещение, закончилось { $over }
    }
    [few] { $over ->
        [0] { $open } оповещения
       *[other] { $open } оповещения, закончилось { $over }
    }
   *[other] { $over ->
        [0] { $open } оповещений
       *[other] { $open } оповещений, закончилось { $over }
    }
}
alert-title-summary = За тихие часы: { $what }
alert-worse = Стало больше: { $what }
alert-again = Всё ещё, уже { $age }: { $what }
alert-over = Закончилось через { $age }: { $what }
alert-was = Началось и закончилось за { $age }: { $what }
alert-test-message = Проверка канала { $name }: он работает

# Правила.
alert-rules = Правила
alert-rule = Оповещение
alert-rule-when = Когда
alert-rule-enabled = Следить за этим
alert-rule-between = От { $least } до { $most }; обычно { $usual }.
alert-rule-networks = Только эти сети
alert-rule-offers = Только эти офферы
alert-rule-only-help = Короткие имена через запятую. Если пусто — все.
alert-rule-unknown = { $name } не найдено
alert-rule-saved = Правило сохранено: { $name }.
alert-threshold-queue = Минут ожидания
alert-threshold-cap_near = Процентов лимита
alert-threshold-approve_rate = На сколько процентов ниже обычного
alert-threshold-poll_late = Интервалов отставания
alert-threshold-postbacks = Сбоев подряд
alert-threshold-unrouted = Лидов
alert-threshold-review = Отправок
alert-threshold-disk = Свободных процентов диска
alert-when-queue = самая старая задача ждёт дольше { $number } мин
alert-when-breaker = после сбоев подряд отправка приостановлена
alert-when-paused = она на паузе
alert-when-unmapped = появилось новое слово
alert-when-cap_near = занято { $number } % лимита
alert-when-cap_full = лимит исчерпан
alert-when-approve_rate = на { $number } % ниже обычного
alert-when-poll_late = отставание больше { $number } интервалов
alert-when-postbacks = сбоев адреса подряд: { $number }
alert-when-unrouted = не меньше { $number }
alert-when-review = не меньше { $number }
alert-when-disk = свободно меньше { $number } %
alert-when-only = { $when }; только выбранные: { $count }

# Каналы.
alert-channels = Каналы
alert-channels-none = Никому не сообщается: оповещения видны только здесь. Добавьте почту, чат или вебхук.
alert-channel-new = Новый канал
alert-channel-kind = Вид канала
alert-channel-create = Создать канал
alert-channel-email = Почта
alert-channel-telegram = Telegram
alert-channel-webhook = Вебхук
alert-channel-quiet = тихо { $from }–{ $until } ({ $zone })
alert-channel-limit = { $count ->
    [one] не больше { $count } сообщения в час
   *[other] не больше { $count } сообщений в час
}
alert-channel-repeat = повтор каждые { $count } ч
alert-channel-fails = Последнее сообщение не дошло: { $why }
alert-channel-ok = последнее сообщение { $time }
alert-channel-lately = Как идут сообщения
alert-channel-last-ok = Последний успех
alert-channel-last-error = Последний сбой
alert-channel-made = Канал «{ $name }» создан. Теперь отправьте пробное сообщение.
alert-channel-sent-before = Эта форма уже отправлялась. Если канал создан, он ниже.
alert-channel-taken = занято другим каналом
alert-channel-archived = Канал «{ $name }» в архиве, его секреты удалены.
alert-channel-archive-sure = Убрать канал «{ $name }» в архив? Ему больше ничего не отправится.
alert-host = Почтовый сервер
alert-port = Порт
alert-security = Защита
alert-security-starttls = STARTTLS (обычно порт 587)
alert-security-tls = TLS (обычно порт 465)
alert-security-none = нет: только сервер на этой же машине
alert-user = Пользователь
alert-user-help = Пусто, если сервер не спрашивает.
alert-password-help = Хранится запечатанным, больше не показывается.
alert-from = От кого
alert-from-help = Адрес, от которого сервер может слать, например leadrelay <alerts@example.com>.
alert-to = Кому
alert-to-help = Один или несколько адресов через запятую.
alert-token = Токен бота
alert-token-help = От @BotFather, вида 123456:AAF… Хранится запечатанным, больше не показывается.
alert-chat = Чат
alert-chat-help = Номер чата или группы либо @имя канала. Бот должен в нём состоять.
alert-api = Bot API
alert-api-help = Только для собственного сервера Bot API. Если пусто — сервер Telegram.
alert-secret-help = Не меньше 16 символов. Если у нового канала пусто, будет создан и показан один раз.
alert-enabled = Отправлять сообщения
alert-more = Тихие часы, как часто
alert-quiet-from = Тихо с
alert-quiet-until = Тихо до
alert-quiet-help = Время вида 22:00. Что придёт за это время, будет рассказано потом одним сообщением. Если оба пусты — тихих часов нет.
alert-quiet-both = тоже нужно: у тихих часов есть начало и конец
alert-zone-help = В нём считаются тихие часы, например Europe/Kyiv.
alert-critical-passes = О критичном сообщать и в тихие часы
alert-per-hour = Больше сообщений в час не слать
alert-per-hour-help = Что сверх того, будет рассказано позже вместе.
alert-repeat = Повторять через столько часов
alert-repeat-help = Пока оповещение не закончилось. 0 — один раз.
alert-needed = нужно заполнить
alert-too-long = слишком длинно
alert-between = должно быть от { $least } до { $most }
alert-no-url = нужен полный URL
alert-no-time = нужно время вида 22:00
alert-no-address = { $address } — не адрес почты
alert-no-token = нужен токен бота вида 123456:AAF…
alert-no-secret = нужно не меньше 16 символов ASCII
alert-test = Проверка
alert-test-about = Отправляет сообщение сразу, в любой час, и показывает ответ.
alert-test-send = Отправить пробное сообщение
alert-test-taken = Принято.
alert-test-failed = Не дошло: { $why }
alert-messages = Последние сообщения
alert-messages-none = Ещё ничего не отправлялось.
