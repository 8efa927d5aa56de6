# Наши закрытые слова. Отказ от лида — не сломанная отправка: слова их различают.

# Статусы лида, состояния отправок и вызовов, исходы обменов.
state-new = новый
state-pending = в обработке
state-hold = холд
state-approved = подтверждён
state-paid = оплачен
state-rejected = отклонён
state-trash = треш
state-waiting = ждёт
state-sending = отправляется
state-retrying = повтор
state-accepted = принят
state-refused = отказ
state-needs_review = нужна проверка
state-dead = сдались
state-cancelled = отменено
state-no_route = нет маршрута
state-delivered = доставлено
state-suppressed = не нужно
state-superseded = устарело
state-no_capacity = нет места
state-retry = сбой, будет повтор
state-unknown = исход неизвестен
state-misconfigured = ошибка настройки
state-lost = аренда потеряна
state-ours = наша ошибка
state-failed = ошибка
state-applied = применён
state-unchanged = без изменений
state-stale = запоздал
state-unmapped = не сопоставлен
state-ignored = пропущен
state-unmatched = лид не найден
state-healthy = здорова
state-degraded = сбоит
state-paused = на паузе
state-running = идёт
state-done = готово
state-step = шаг
state-sale = продажа
state-fulfilment = исполнение
state-open = открытые
state-mapped = сопоставленные
state-any = все
state-mapping = ждёт столбцов
state-checking = проверяется
state-checked = проверен
state-created = создан
state-duplicate = дубль
state-invalid = с ошибкой

# Что состояние отправки значит для лида и сети.
delivery-waiting = Ждёт { $network }
delivery-sending = Отправляется в { $network }
delivery-retrying = { $network } — попробуем позже
delivery-accepted = Лид у { $network }
delivery-refused = { $network }: отказ
delivery-needs_review = Неизвестно, есть ли лид у { $network }
delivery-dead = { $network }: попытки прекращены
delivery-cancelled = Отправка в { $network } отозвана
delivery-other = Отправка в { $network }: { $state }

# Что стало с отчётом.
verdict-applied = применён
verdict-unchanged = ничего нового
verdict-stale = вернул бы лид назад; пропущен
verdict-unmapped = слово статуса ещё не сопоставлено; сохранено до тех пор
verdict-ignored = не называет статуса
verdict-unmatched = не называет лида этой сети
verdict-failed = не удалось прочитать

# Что решено о маршруте.
route-taken = Выбран
route-later = Следующий, если понадобится
route-country = Другая страна
route-webmaster = Другой вебмастер
route-disabled = Маршрут выключен
route-network_disabled = Сеть выключена
route-closed = Вне часов работы
route-too_old = Лид слишком старый
route-refused_before = Уже отказала этому лиду
route-full = Лимит исчерпан
route-stopped = Прежний отказ завершает поиск

# Откуда пришло событие. У того, что сервер делает сам, имени нет.
source-intake = приём
source-router = маршрутизация
source-answer = ответ на отправку
source-postback = постбек сети
source-poll = опрос
source-import = импорт
source-admin = вручную
source-network = сеть
actor-environment = токен из окружения
actor-token = токен API
actor-command-line = командная строка
actor-webmaster = вебмастер

count-leads = { $count ->
    [one] { $count } лид
    [few] { $count } лида
   *[other] { $count } лидов
}

took-ms = { $ms } мс
took-seconds = { $seconds } с

why-switched-off = выключено
why-paused = приостановлено
why-failing = { $count ->
    [one] { $count } сбой подряд
    [few] { $count } сбоя подряд
   *[other] { $count } сбоев подряд
}
why-failing-until = { $count ->
    [one] { $count } сбой подряд; следующий вызов после { $time }
    [few] { $count } сбоя подряд; следующий вызов после { $time }
   *[other] { $count } сбоев подряд; следующий вызов после { $time }
}
