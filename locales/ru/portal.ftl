# Кабинет вебмастера и входы в него.
portal-today = Сегодня
portal-leads = Мои лиды
portal-offers = Офферы
portal-postbacks = Постбеки
portal-postback = Постбек
portal-calls = Вызовы
portal-api = API
portal-tokens = Токены

# На странице вебмастера.
portal-title = Его кабинет
portal-about = В нём он видит свои лиды, статусы и деньги и подключается сам: по логину или по ссылке.
logins-title = Логины
logins-none = Логинов пока нет.
login-new = Новый логин
login-create = Создать логин
login-email-help = Вы получите ссылку для передачи: по ней он выберет пароль.
login-no-password = пароль ещё не выбран
login-link = Новая ссылка
login-link-note = Передайте ссылку сейчас: она показывается только один раз, действует один раз и семь дней. По ней он выберет пароль.
login-close = Закрыть
login-close-sure = Закрыть логин { $email }? Кто им пользуется, сразу выйдет.
login-closed = Логин { $email } закрыт.
portal-links-title = Ссылки без пароля
portal-links-none = Ссылок нет.
portal-link-new = Новая ссылка
portal-link-name = У кого она
portal-link-create = Новая ссылка
portal-link-made = создана { $time }
portal-link-note = Скопируйте сейчас: она показывается только один раз. У кого она есть, тот в его кабинете, пока её не отзовут.
portal-link-revoke-sure = Отозвать эту ссылку? Кто вошёл по ней, сразу выйдет.
portal-link-revoked = Ссылка отозвана.
actor-link = ссылка в кабинет
kind-portal_link = ссылка в кабинет

# Выбор пароля.
join-title = Выберите пароль
join-for = Для { $email }. Потом вы будете входить с ними обоими.
join-do = Задать пароль и войти

# Сегодня.
portal-numbers = Лиды
portal-leads-today = Лиды
portal-approved = Апрув
portal-money = Деньги
portal-money-note = По дню поступления лидов.
portal-money-span = Лиды за
portal-money-today = сегодня
portal-money-month = { $days ->
    [one] последний { $days } день
    [few] последние { $days } дня
   *[other] последние { $days } дней
}
portal-hold = В холде
portal-owed = Подтверждено
portal-failed = Недоставленные постбеки
portal-last-leads = Последние лиды
portal-all-leads = Все лиды
portal-connect = Подключиться

# Лиды.
portal-leads-search = Номер, внешний id или id клика
none-portal-leads = Вы ещё не прислали ни одного лида
none-advice-portal-leads = На странице API есть вызов, который остаётся вставить.
sub1 = sub1
sub2 = sub2
sub3 = sub3
sub4 = sub4
sub5 = sub5
sub6 = sub6
sub7 = sub7
sub8 = sub8
sub9 = sub9
sub10 = sub10
sub11 = sub11
sub12 = sub12
portal-received = Получен
timeline-call-you = Вызов вашего адреса
timeline-to-tell-you = Вам предстоит узнать: { $status }
timeline-told-you = Вам сообщено: { $status }
portal-masked = На этих страницах скрыто; API отдаёт то, что вы прислали.
portal-resend-help = Вызывает ваши адреса с последним статусом ещё раз, с теми же id.
portal-not-told = Об этом лиде ничего не отправлялось: ни один ваш постбек не слушает его статус.

# Статистика.
portal-stats = Статистика
portal-stats-by = По
portal-stats-then = … и по
portal-day = День
portal-stats-none = Лидов за это время нет
portal-stats-none-advice = Выберите другие дни или не выбирайте оффер.
portal-stats-cut = Показаны только первые { $most } строк; сумма — по всем.
portal-stats-hold = Деньги в холде
portal-stats-owed = Деньги подтверждены
portal-stats-total = Всего
portal-stats-note = По дню поступления лидов, без тестовых. Апрув — от лидов без треша.
portal-stats-long = должно быть меньше { $days } дней до последнего

# Офферы.
portal-offers-none = Сейчас офферов нет
portal-offers-none-advice = Спросите менеджера.
portal-payout-unsaid = по договорённости
portal-flows-none = нет: называйте только оффер

# Постбеки.
portal-postbacks-about = Ваши адреса, которые вызываются, когда лид меняется.
portal-rules = Ваши постбеки
portal-rules-none = Пока нет: вам ничего не сообщается.
portal-open = Открыть
portal-postback-offer = Только этот оффер
portal-postback-enabled = Вызывать этот адрес
portal-postback-made = Постбек создан. Проверьте его образцом.
portal-main-exists = главный постбек этого потока или ваш уже есть; сделайте этот дополнительным
portal-test = Проверка
portal-test-about = Сейчас же отправляет на сохранённый адрес образец — лид, которого нет.
portal-test-do = Отправить образец
portal-test-taken = Ваш сервер принял его.
none-portal-calls = Вам ещё ничего не сообщали
none-advice-portal-calls = Вызовы появятся здесь, когда лид изменится и его статус слушает один из ваших постбеков.

# Токены.
portal-tokens-about = Один из них предъявляют программы, которые присылают и читают ваши лиды.
portal-tokens-none = Токенов нет: без токена вы не можете присылать лиды.

# API.
portal-api-about = Присылайте лиды с лендинга, из трекера или из скрипта.
portal-reference = Справочник
portal-token-first = Сначала токен
portal-token-placeholder = Создайте его, и он встанет в каждый вызов ниже. Он показывается только один раз; иначе его место держит TOKEN.
portal-token-make = Создать токен
portal-token-filled = Он стоит в каждом вызове ниже. Скопируйте его сейчас: он показывается только один раз.
portal-samples = Готовые вызовы
portal-samples-about = Они присылают тестовый лид оффера { $offer }. Для боевых лидов уберите test.
portal-samples-no-offer = Сейчас офферов нет: подставьте свой вместо OFFER.
portal-sample-note = для боевых лидов уберите
portal-try = Попробовать
portal-try-about = Присылает тестовый лид так же, как ваш скрипт. За тестовые лиды сети не платят.
portal-try-do = Прислать тестовый лид
portal-errors = Ошибки
portal-errors-code = Код
portal-errors-when = Когда
portal-errors-do = Что делать
