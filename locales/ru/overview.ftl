# Обзор.
overview-as-of = Сегодня на { $time }, в сравнении со вчера и неделей назад на то же время
overview-today = Сегодня
overview-leads = Лиды
overview-accepted = Приняты
overview-refused = Отказы
overview-waiting = В пути
overview-waiting-note = ждут, отправляются или повторяются сейчас
overview-approved = Подтверждены
overview-payout = Выплаты
overview-revenue = Доход
overview-yesterday = вчера к этому часу { $what }
overview-new = новое
overview-broken = Сбои
overview-broken-note = брошены или исход неизвестен, сейчас
overview-rate = Аппрув %
overview-hold = В холде
overview-hold-note = выплаты по лидам в холде, сейчас
overview-margin = Маржа
overview-week = неделю назад { $what }
overview-hours = По часам
overview-hours-help = График часов из таблицы под ним
overview-hours-table = Таблицей
overview-chart-leads = Лиды сегодня
overview-chart-yesterday = Лиды вчера
overview-chart-approved = Одобрено сегодня
overview-steps = Первые шаги
overview-steps-done = Сделано { $done } из { $all }. Список исчезнет, когда сеть примет первый лид.
overview-step-done = сделано
overview-step-call = То же через curl
overview-call = Вызов
overview-attention = Требует внимания
overview-no-attention = Ничего. Очереди идут, сети отвечают, у каждого статуса есть значение.

attention-review = { $count ->
    [one] { $count } отправка ждёт проверки
    [few] { $count } отправки ждут проверки
   *[other] { $count } отправок ждут проверки
}
attention-review-detail = Ответ потерян: выясните, есть ли лид у сети, прежде чем отправлять снова.
attention-dead = { $count ->
    [one] { $count } отправка не удалась
    [few] { $count } отправки не удались
   *[other] { $count } отправок не удались
}
attention-dead-detail = У этих лидов нет покупателя. Отправьте их снова или в другую сеть.
attention-unrouted = { $count ->
    [one] { $count } лид без маршрута
    [few] { $count } лида без маршрута
   *[other] { $count } лидов без маршрута
}
attention-unrouted-detail = Ни один маршрут их не берёт. Они уйдут, как только какой-нибудь возьмёт.
attention-unmapped = { $words ->
    [one] { $network }: { $words } слово статуса без значения
    [few] { $network }: { $words } слова статусов без значения
   *[other] { $network }: { $words } слов статусов без значения
}
attention-unmapped-detail = { $reports ->
    [one] Ждёт { $reports } отчёт. Скажите, что это значит, и он применится.
    [few] Ждут { $reports } отчёта. Скажите, что это значит, и они применятся.
   *[other] Ждут { $reports } отчётов. Скажите, что это значит, и они применятся.
}
attention-untold = { $count ->
    [one] { $count } постбек вебмастерам сегодня не дошёл
    [few] { $count } постбека вебмастерам сегодня не дошли
   *[other] { $count } постбеков вебмастерам сегодня не дошли
}
attention-untold-detail = Их адрес долго не отвечал. Они не знают статуса этих лидов.
attention-late-network = Очередь { $network } отстаёт
attention-late-network-detail = Самая старая задача ждёт уже { $age }. Лимиты сети могут быть малы, или сервер занят.
attention-late-endpoint = Постбеки вебмастеру отстают
attention-late-endpoint-detail = Самый старый ждёт уже { $age }.
attention-late-own = Собственная работа сервера отстаёт
attention-late-own-detail = Самая старая задача ждёт уже { $age }.
attention-paused = { $network } на паузе
attention-paused-detail = Уже { $age }: { $why }. Её лиды ждут.
attention-paused-unsaid = причина не указана
attention-open = { $network } не отвечает
attention-open-detail = { $failures ->
    [one] { $failures } сбой; следующая попытка в { $time }. Её лиды ждут.
    [few] { $failures } сбоя подряд; следующая попытка в { $time }. Её лиды ждут.
   *[other] { $failures } сбоев подряд; следующая попытка в { $time }. Её лиды ждут.
}
attention-probe = { $network }: пробуем снова
attention-probe-detail = { $failures ->
    [one] { $failures } сбой; следующий лид — проба.
    [few] { $failures } сбоя подряд; следующий лид — проба.
   *[other] { $failures } сбоев подряд; следующий лид — проба.
}
attention-go-review = Проверить отправки
attention-go-deliveries = К отправкам
attention-go-leads = К лидам
attention-go-postbacks = К постбекам
attention-go-network = Открыть сеть
attention-go-networks = К сетям
attention-go-unmapped = Сопоставить

step-link = Откройте ссылку, создайте администратора
step-link-text = Вы вошли.
step-network = Подключите сеть и проверьте её
step-network-text = Выберите интеграцию, вставьте ключ, нажмите «Тест»: запрос и ответ видны сразу. Встроенной песочнице ключ не нужен, и ничто не покидает этот сервер.
step-network-link = Выбрать интеграцию
step-offer = Создайте оффер
step-offer-text = Что продвигается, сколько платит подтверждённый лид и в какой валюте.
step-route = Добавьте маршрут
step-route-text = Какая сеть берёт лиды оффера. Несколько маршрутов делят их или идут друг за другом.
step-route-link = Маршруты оффера
step-webmaster = Создайте вебмастера и его токен
step-webmaster-text = Кто присылает лиды. На его странице токен показывается один раз, рядом — готовый вызов.
step-lead = Пришлите лид и проследите доставку
step-lead-text = Выполните вызов со страницы вебмастера и откройте лид: его страница расскажет, что ответила сеть.
step-lead-link = К токену и вызову
step-token-admin = ADMIN_TOKEN — токен администратора: он создаётся на странице «Токены».
step-token-webmaster = WEBMASTER_TOKEN — токен вебмастера: он создаётся на его странице.
