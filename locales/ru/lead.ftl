# Страница одного лида.
lead-title = Лид { $number }
lead-age = { $age } назад
lead-age-now = только что
lead-some-network = сеть
lead-contact = Контакт
lead-reveal = Показать
lead-hide = Скрыть
lead-reveal-note = Показ контактов отмечается в хронологии и в журнале изменений.
lead-no-reveal = ваша роль не открывает контакты
lead-erased = Данные этого человека удалены.
lead-no-contact = Лид пришёл без контактов.
lead-business = Лид
lead-marks = Id и метки
lead-timeline = Хронология
lead-timeline-none = Ничего не записано. Старая хронология удаляется по истечении заданного срока.

# К чему относится и сколько стоит.
lead-webmaster = Вебмастер
lead-offer = Оффер
lead-flow = Поток
lead-country = Страна
lead-goal = Цель
lead-price = Цена
lead-quantity = Количество
lead-payout-due = Обещанная выплата
lead-payout = Выплата
lead-revenue = Доход
lead-network-comment = Комментарий сети
lead-id = Id
lead-external-id = Внешний id
lead-click-id = Click id

# Что с ним можно сделать.
lead-actions = Действия
lead-redeliver-to = Отправить в сеть снова
lead-redeliver-last = Последняя из тех, куда отправляли
lead-redeliver = Отправить
lead-redeliver-help = Нельзя, пока лид у сети: он был бы продан дважды.
lead-resend = Отправить постбеки снова
lead-resend-help = Ещё раз сообщает вебмастеру последний статус, с теми же id.
lead-status-change = Изменить статус вручную
lead-status = Статус
lead-status-choose = Выберите
lead-reason = Причина
lead-reason-help = Её видит вебмастер.
lead-comment = Комментарий
lead-status-do = Изменить статус

# Что из этого вышло.
lead-network-gone = Такой сети больше нет. Выберите другую.
lead-redelivered = Лид снова идёт в { $network }.
lead-redelivered-last = Лид снова идёт в сеть.
lead-not-redelivered = Не отправлен: { $why }
lead-resent = { $count ->
    [one] { $count } постбек отправлен снова.
    [few] { $count } постбека отправлены снова.
   *[other] { $count } постбеков отправлено снова.
}
lead-resent-none = Отправлять снова нечего: по этому лиду ещё никому не сообщали.
lead-not-resent = Не отправлено: { $why }
lead-status-none = Выберите новый статус лида.
lead-status-set = Теперь статус лида — «{ $status }».
lead-status-same = У лида уже был статус «{ $status }».
lead-status-not-set = Статус не изменён: { $why }

# О ком он.
contact-name = Имя
contact-first-name = Имя
contact-last-name = Фамилия
contact-phone = Телефон
contact-email = Почта
contact-ip = IP
contact-address = Адрес
contact-zip = Индекс
contact-city = Город
contact-region = Регион
contact-comment = Комментарий
contact-user-agent = User agent
contact-referer = Реферер
contact-landing = Лендинг

# Предложение наверху: где лид, что о нём говорят, знает ли вебмастер. Причина приходит в скобках с пробелом перед
# ними или пустой. Названия сетей не склоняются: они стоят там, где падеж не виден.
story-delivered = Доставлен в { $network }
story-received = Получен и ещё не передан в сеть
story-no-route = Подходящего маршрута нет
story-no-route-yet = Подходящего маршрута нет; лид уйдёт, как только маршрут появится
story-waits = Ждёт отправки в { $network }
story-waits-until = Ждёт { $network } до { $time }{ $reason }
story-sending = Отправляется в { $network }
story-failed = Отправка в { $network } не удалась{ $reason }
story-again = { $what } и будет повторена
story-again-at = { $what } и будет повторена в { $time }
story-unknown = Неизвестно, есть ли лид у { $network }{ $reason }
story-must-decide = { $what }: решить должен человек
story-given-up = Попытки отправить в { $network } прекращены{ $reason }
story-taken-back = Отправка в { $network } отозвана{ $reason }
story-refused = Отказ { $network }{ $reason }
story-refused-duplicate = Отказ { $network } (дубль)
story-refused-many = Отказы { $networks }
story-no-other-route = другого подходящего маршрута нет
story-after = { $what } после отказа { $network }{ $reason }
story-after-duplicate = { $what } после отказа { $network } (дубль)
story-after-many = { $what } после отказов { $networks }
story-and = { $first } и { $last }
story-undecided = решения { $network } ещё нет
story-says = { $network } сообщает «{ $status }»{ $reason }
story-says-since = { $network } сообщает «{ $status }» с { $time }{ $reason }
story-by-hand = статус «{ $status }» поставлен вручную{ $reason }
story-by-hand-since = статус «{ $status }» поставлен вручную в { $time }{ $reason }
story-counts = его статус — «{ $status }»
story-counts-since = его статус — «{ $status }» с { $time }
story-told = вебмастеру сообщено в { $time }
story-told-never = вебмастеру сообщить не удалось
story-told-before = вебмастер уже знает
story-told-not = вебмастеру не сообщали
story-told-again = вебмастеру пока не удалось сообщить, попытка повторится
story-told-soon = вебмастеру отправляется постбек
story-no-rule = правила постбека для вебмастера нет
story-time-on = { $time } { $day } { $month ->
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
}

# Что происходило, строка за строкой.
timeline-received = Получен, идёт в { $network }
timeline-received-no-route = Получен, подходящего маршрута сейчас нет
timeline-routed = Маршрут найден, идёт в { $network }
timeline-routed-no-route = Подходящего маршрута сейчас нет
timeline-redelivered = Снова отправлен в { $network } вручную
timeline-retried = Отправка в { $network } повторена вручную
timeline-resent = { $count ->
    [one] { $count } постбек отправлен снова
    [few] { $count } постбека отправлены снова
   *[other] { $count } постбеков отправлено снова
}
timeline-resent-none = Отправлять снова было нечего.
timeline-status-by-hand = Статус поставлен вручную
timeline-changed = Лид изменён
timeline-changed-fields = Изменено: { $fields }.
timeline-revealed = Контакты показаны
timeline-reported = Сообщено: { $said }
timeline-answered = Ответ { $network }: { $said }
timeline-says = { $network } сообщает: { $said }
timeline-said = «{ $word }»
timeline-said-means = «{ $word }», то есть «{ $status }»
timeline-said-nothing = без статуса
timeline-status = Статус: { $to }
timeline-status-moved = Статус: { $from } → { $to }
timeline-status-reversed = Статус отменён: { $from } → { $to }
timeline-status-reopened = Статус возвращён: { $from } → { $to }
timeline-sent = Отправка в { $network }
timeline-asked = Запрос в { $network }: есть ли лид
timeline-call = Вызов вебмастера
timeline-attempt = { $what }, попытка { $no }
timeline-late = Ответ пришёл, когда отправку уже подхватил другой процесс.
timeline-called = Постбек от { $network }
timeline-to-tell = Вебмастер должен узнать: { $status }
timeline-told = Вебмастеру сообщено: { $status }
timeline-network-told-status = { $network }: сообщено, что статус лида — «{ $status }»
timeline-network-told-change = { $network }: сообщено об изменениях
timeline-network-later-status = { $network }: пока не удалось сообщить, что статус лида — «{ $status }»
timeline-network-later-change = { $network }: пока не удалось сообщить об изменениях
timeline-network-untold-status = { $network }: не сообщено, что статус лида — «{ $status }»
timeline-network-untold-change = { $network }: об изменениях не сообщено

# Короткие сведения под строкой.
timeline-revenue = Доход { $amount }
timeline-payout = Выплата { $amount }
timeline-goal = Цель { $value }
timeline-transaction = Транзакция { $value }
timeline-postbacks = { $count ->
    [one] { $count } постбек в очереди
    [few] { $count } постбека в очереди
   *[other] { $count } постбеков в очереди
}
timeline-no-rule = нет правила постбека
timeline-told-at = сообщено в { $time }
timeline-next-try = следующая попытка в { $time }
timeline-error-blocked = адрес запрещён
timeline-error-dns = имя не найдено
timeline-error-connect = нет соединения
timeline-error-tls = нет защищённого соединения
timeline-error-timeout = нет ответа вовремя
timeline-error-reset = соединение оборвано
timeline-error-protocol = не HTTP

# Что раскрывает строка.
timeline-request = Запрос
timeline-answer = Ответ
timeline-query = Параметры
timeline-body = Тело
timeline-url = URL
timeline-bodies = { $first } и { $next }
timeline-body-at = { $heading } в { $time }
timeline-trace = Почему маршруты выбраны или пропущены
timeline-position = Позиция
timeline-network = Сеть
timeline-decision = Решение

# Удаление данных человека.
lead-erase = Удалить данные человека …
timeline-erased = Данные человека удалены
timeline-curl = Вызовом curl
erase-title = Удалить данные лида { $number }
erase-before = Данные уже удаляли; сейчас удалится то, что пришло с тех пор. Впервые удалено:
erase-goes = Что удалится навсегда
erase-goes-contact = Имя, телефон, почта, адрес, IP, браузер, комментарий и собственные поля вебмастера.
erase-goes-exchanges = Запросы и ответы всех попыток.
erase-goes-calls = Всё, что о нём присылали сети, и тела вызовов вебмастера.
erase-stays = Что останется
erase-stays-note = То, что лид был, его id и метки, статусы, деньги и хронология. В сети он больше не отправляется.
erase-elsewhere = У сетей и вебмастеров есть свои копии: обратитесь к ним. В резервных копиях данные остаются, пока их не перезапишут.
erase-do = Удалить навсегда
erase-done = Данные человека удалены.
erase-done-before = Данные человека уже были удалены; ничего не осталось.
erase-not-done = Не удалено: { $why }
