# Офферы и вебмастера.
place-offers = Офферы
place-webmasters = Вебмастера
state-on = включён
state-off = выключен
state-archived = в архиве
saved = Сохранено.
form-number = должно быть число
form-line = строка { $line } не читается: нужно имя = значение
set-up-search-hint = Название, короткое имя или номер
set-up-name-help = Для людей. Если пусто — короткое имя.
set-up-slug-help = Для программ: a-z, 0-9, - _ и точки. Остаётся за объектом навсегда.
set-up-number = номер { $number }
set-up-history = История
set-up-archive = В архив
column-name = Название
column-slug = Короткое имя
column-countries = Страны
column-revenue = Доход
column-goals = Цели
column-routes = Маршруты
column-changed = Изменён
column-created = Создан
column-tokens = Токены
column-flows = Потоки
column-postbacks = Постбеки
column-last-call = Последний вызов

none-offers = Офферов пока нет
none-advice-offers = Оффер — то, что продвигают вебмастера. Его называют лиды, а его маршруты решают, какая сеть их возьмёт.
offers-new = Новый оффер
offers-all-countries = все
offer-create = Создать оффер
offer-made = Оффер «{ $name }» создан. Теперь добавьте маршрут: он решает, какая сеть берёт лиды.
offer-archived = Оффер «{ $name }» в архиве.
offer-archive-sure = Убрать «{ $name }» в архив? Новых лидов он не примет, прежние останутся.
offer-payout-help = Вебмастеру за подтверждённый лид.
offer-revenue-help = От сети, если её отчёт не называет суммы.
offer-currency = Валюта
offer-currency-help = Три буквы, например USD.
offer-countries-help = Коды, например DE, AT. Если пусто — все страны.
offer-enabled = Принимает лиды
offer-more = Обязательные поля, дубли, цели, параметры
offer-required = Обязательные поля
offer-required-help = Через запятую, например phone, name, meta.age.
offer-duplicates = Лид — дубль, если совпадает
offer-duplicates-phone = телефон
offer-duplicates-email = почта
offer-duplicates-any = телефон или почта
offer-duplicates-all = телефон и почта
offer-duplicates-help = Дубли отклоняются при приёме. Если пусто — правила нет.
offer-duplicates-days = … за столько дней
offer-duplicates-scope = … в пределах
offer-scope-offer = оффера, кто бы ни прислал
offer-scope-webmaster = оффера и того же вебмастера
offer-goals-help = По строке: короткое имя | выплата | доход | валюта | название. Пустое берётся у оффера.
offer-params = Параметры для интеграций
offer-params-help = По строке: ключ = значение. Ключ вида duomai-de — для страны DE.

none-webmasters = Вебмастеров пока нет
none-advice-webmasters = Вебмастера присылают лиды с токеном и узнают о них из постбеков.
webmasters-new = Новый вебмастер
webmaster-create = Создать вебмастера
webmaster-made = Вебмастер «{ $name }» создан. Теперь дайте ему токен.
webmaster-archived = Вебмастер «{ $name }» в архиве, его токены отозваны.
webmaster-archive-sure = Убрать «{ $name }» в архив? Его токены перестанут работать, лиды останутся.
webmaster-enabled = Может присылать лиды
webmaster-postbacks-none = Ему пока ничего не сообщают: добавьте адрес, который вызывается, когда лид меняется.

tokens-none = Токенов нет: без токена он не может присылать лиды.
token-new = Новый токен
token-name = Для чего он
token-issued = Новый токен
token-issued-note = Скопируйте сейчас: он показывается только один раз.
token-altercpa = Для скриптов под AlterCPA:
token-last-used = использован { $time }
token-never-used = не использовался
token-revoke = Отозвать
token-revoke-sure = Отозвать токен lr_{ $prefix }…? Всё, что им пользуется, сразу перестанет работать.
token-revoked = Токен отозван.

flow-new = Новый поток
flow-code = Код
flow-code-help = Лиды называют его в поле flow. Если пусто — будет создан.
flow-create = Создать поток
flow-made = Поток { $code } создан.
flow-archived = Поток в архиве.
flow-archive-sure = Убрать поток { $code } в архив?
flows-none = Потоков нет: лиды этого вебмастера называют только офферы.

postback-new = Новый постбек
postback-create = Создать постбек
postback-made = Постбек создан. Он сработает при следующем изменении лида.
postback-archived = Постбек в архиве.
postback-archive-sure = Убрать этот постбек в архив? Больше на него ничего не отправится.
postback-url = URL
postback-url-help = С макросами, например {"{status}"}, {"{click_id}"}, {"{payout}"}.
postback-more = Статусы, вид, метод, подпись
postback-statuses = Статусы
postback-statuses-help = Через запятую, например hold, approved. Если пусто — все, кроме new.
postback-statuses-all = все статусы
postback-kind = Вид
postback-kind-main = главный
postback-kind-additional = дополнительный
postback-kind-help = Один главный на поток или вебмастера; не повторяется, пока сказал бы то же самое.
postback-flow = Только этот поток
postback-body = Тело
postback-body-help = С POST: слово form или шаблон JSON.
postback-signed = Подписывать вызовы (Standard Webhooks)
postback-is-signed = с подписью
postback-secret = Секрет подписи
postback-health = { $failed ->
    [0] за сутки доставлено { $delivered }
   *[other] за сутки доставлено { $delivered }, не удалось { $failed }
}

quality-title = Последние 30 дней
quality-report = Отчёт
quality-trash-rate = Треш, %
