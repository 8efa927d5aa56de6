# Маршрутизация оффера: действующие маршруты, черновик, симуляция, версии.
routing = Маршрутизация
routing-of = Маршрутизация: { $offer }
routing-live = Действующие маршруты
routing-draft = Черновик
routing-draft-by = { $who }, { $time }
routing-draft-note = Сохраняется в черновик. Лиды пойдут по нему только после публикации.
routing-begin = Изменить маршруты
routing-begun = Черновик повторяет то, что действует сейчас. Измените его, проверьте на прошлых лидах и опубликуйте.
routing-new-route = Новый маршрут
routing-edit-route = Маршрут
routing-add = Добавить в черновик
routing-edit = Изменить
routing-remove = Убрать
routing-removed = Маршрут убран из черновика.
routing-saved = Сохранено в черновик.
routing-discard = Удалить черновик
routing-discard-sure = Удалить этот черновик? Действующие маршруты останутся как есть.
routing-discarded = Черновик удалён.
routing-publish = Опубликовать сейчас
routing-publish-later = Опубликовать в это время
routing-publish-never = Не в это время
routing-publish-at = Опубликовать в (время: { $zone })
routing-published = Опубликовано. Новые лиды идут по этим маршрутам.
routing-at = Черновик опубликуется сам: { $time }.
routing-not-at = Черновик ждёт, пока вы его опубликуете.
routing-at-wrong = Выберите минуту в будущем, например завтра в 09:00.
routing-failed = Черновик не опубликовался в своё время: { $why }.
routing-overtaken = Действующие маршруты изменились после начала черновика. Сравните их перед публикацией.
routing-force = Всё равно опубликовать
routing-network-archived = Одна из сетей этих маршрутов в архиве. Уберите её маршрут или верните сеть.
routing-none = Лиды этого оффера пока не принимает ни одна сеть
routing-none-advice = Добавьте маршрут к сети и опубликуйте его. Пришедшие тем временем лиды ждут и уйдут тогда.
routing-none-draft = В черновике нет маршрутов: после публикации лиды оффера остановятся.
routing-is-new = новый
routing-is-changed = изменён
routing-is-removed = { $network }: маршрут убран.
routing-step-first = спрашивается первым
routing-step-next = спрашивается следующим
routing-step-trigger = вторая доставка, когда лид получает статус «{ $status }»
routing-step-position = позиция { $position }
routing-share = { $percent } %
routing-rest = остаток
routing-takes-all = Принимает все лиды.
routing-network-off = сеть выключена
routing-network-gone = сеть в архиве
routing-only-countries = Только { $countries }
routing-only-webmasters = Только от { $webmasters }
routing-open = Открыт { $hours } ({ $zone })
routing-stops = Отказ здесь окончателен
routing-fresh = { $hours ->
    [one] Только лиды моложе { $hours } часа
   *[other] Только лиды моложе { $hours } часов
}
routing-cap-hour = за этот час
routing-cap-day = сегодня
routing-cap-week = за эту неделю
routing-cap-month = за этот месяц
routing-cap-total = всего
routing-cap-approved-hour = одобрено за этот час
routing-cap-approved-day = одобрено сегодня
routing-cap-approved-week = одобрено за эту неделю
routing-cap-approved-month = одобрено за этот месяц
routing-cap-approved-total = одобрено всего
routing-explain = Объяснить лид
routing-explain-help = Что встретил бы прошлый лид, если бы пришёл сейчас.
routing-lead = Номер или id
routing-explain-go = Объяснить
routing-no-lead = Такого лида нет.
routing-lead-live = Лид { $number } по действующим маршрутам
routing-lead-draft = Лид { $number } по черновику
routing-versions = Версии
routing-versions-none = Здесь хранится каждый набор маршрутов, опубликованный из черновика.
routing-version = Версия { $version }
routing-version-routes = { $count ->
    [one] { $count } маршрут
    [few] { $count } маршрута
   *[many] { $count } маршрутов
}
routing-roll-back = Вернуть
routing-roll-back-sure = Сделать версию { $version } снова действующей прямо сейчас?
routing-rolled-back = Версия { $version } снова действует.
routing-simulate = Симуляция
routing-position = Позиция
routing-position-help = Меньшая спрашивается раньше. Маршруты на одной позиции делят лиды.
routing-weight = Вес
routing-weight-help = Доля среди маршрутов на одной позиции; 0 берёт только то, что оставили другие.
routing-countries-help = Двухбуквенные коды; пусто – все.
routing-webmasters-help = Коды вебмастеров; пусто – все.
routing-caps = Лимиты
routing-caps-help = По одному в строке: «day 100» для принятых сетью, «total 500 approved» для одобренных. Периоды: hour, day, week, month, total.
routing-caps-wrong = Строка { $line } должна выглядеть как «day 100» или «total 500 approved».
routing-hours = Часы работы
routing-hours-help = По одному в строке: «mon-fri 09:00-18:00», «sat,sun 10:00-14:00». Пусто – всегда.
routing-hours-wrong = Строка { $line } должна выглядеть как «mon-fri 09:00-18:00».
routing-zone = Часовой пояс
routing-zone-help = По нему считаются часы и лимиты, например Europe/Kyiv.
routing-enabled = Принимает лиды
routing-more = Ещё
routing-on-refused = Если сеть отказала
routing-on-refused-help = Можно ли предложить тот же лид другой сети.
routing-refused-next = спросить следующий маршрут
routing-refused-stop = отказ окончателен
routing-age = Свежесть, часов
routing-age-help = Лид старше этого больше не отправляется.
routing-trigger = Вторая доставка
routing-trigger-help = Пусто – для новых лидов; статус – вторая доставка, когда лид его получает.

simulation-of = Симуляция: { $offer }
simulation-go = Симулировать
simulation-days-wrong = Последний день не может быть раньше первого, и оба должны быть датами одного года.
simulation-none = За эти дни лидов нет
simulation-none-advice = Выберите дни, когда у этого оффера были лиды.
simulation-said = { $leads ->
    [one] По черновику { $moved } из { $leads } лида ушло бы в другое место.
    [few] По черновику { $moved } из { $leads } лидов ушло бы в другое место.
   *[many] По черновику { $moved } из { $leads } лидов ушло бы в другое место.
}
simulation-said-live = { $leads ->
    [one] Черновика нет: по действующим маршрутам { $moved } из { $leads } лида ушло бы сегодня в другое место.
    [few] Черновика нет: по действующим маршрутам { $moved } из { $leads } лидов ушло бы сегодня в другое место.
   *[many] Черновика нет: по действующим маршрутам { $moved } из { $leads } лидов ушло бы сегодня в другое место.
}
simulation-cut = Лидов было больше; просчитаны первые из них.
simulation-before = Было
simulation-after = Стало бы
simulation-difference = Разница
simulation-money-before = Обычный доход
simulation-money-after = Доход по симуляции
simulation-unknown = неизвестно
simulation-nobody = никуда или ждёт
simulation-moves = Лиды, которые ушли бы в другое место
simulation-leads = { $count ->
    [one] { $count } лид
    [few] { $count } лида
   *[many] { $count } лидов
}
simulation-note = Сеть, отказавшая лиду, отказывает снова; не спрошенная считается принявшей. Лимиты на одобренные не учитываются. Лид стоит столько, сколько лиды этого оффера приносили в этой сети за эти дни и 30 дней до них.
