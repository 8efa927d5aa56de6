# Своя учётная запись.
save = Сохранить
account-title = Ваша учётная запись
account-reading = Язык и время
account-language = Язык
account-language-browser = Как просит браузер
account-zone = Часовой пояс
account-zone-help = В нём показано время, и дни в фильтрах — его дни.
account-zone-wrong = Выберите пояс из списка, например Europe/Kyiv.
account-kept = Сохранено.
account-password = Пароль
account-password-current = Нынешний пароль
account-password-new = Новый пароль
account-password-again = Новый пароль ещё раз
account-password-help = Не меньше { $least } знаков. Все другие ваши сеансы завершатся.
account-password-set-it = Сменить пароль
account-password-set = Пароль изменён, другие ваши сеансы завершены.
account-password-differs = Не совпадает с паролем выше.
account-password-wrong = Это не нынешний пароль.
role-admin = администратор
role-manager = менеджер
role-support = поддержка
role-analyst = аналитик

# Второй фактор.
factor-title = Второй фактор
factor-about = При входе нужен ещё и код из приложения-аутентификатора: утёкший пароль сам по себе ничего не откроет.
factor-manage = Настроить
factor-on = Включить
factor-scan = Передайте секрет аутентификатору
factor-scan-note = Считайте картинку приложением, например Aegis, Google Authenticator, 1Password или Bitwarden.
factor-picture = Секрет в виде картинки
factor-text = Или введите его вручную:
factor-prove = Докажите, что он работает
factor-code = Код из приложения
factor-code-help = Шесть цифр. Часы телефона должны идти точно.
factor-code-wrong = Сейчас код у этого секрета другой. Дождитесь следующего; если не подойдёт и он, проверьте часы телефона.
factor-already = Он уже включён.
factor-is-off = Он выключен.
factor-since = Включён { $time }.
factor-codes = Резервные коды
factor-codes-note = Второй фактор включён. Каждый из этих кодов один раз откроет вашу учётную запись, если приложение потеряно. Храните их отдельно от приложения: они показываются только один раз.
factor-codes-kept = Коды сохранены
factor-codes-left = { $left ->
    [0] Не осталось ни одного: создайте новые.
    [one] Остался { $left } код.
    [few] Осталось { $left } кода.
   *[other] Осталось { $left } кодов.
}
factor-codes-new = Создать новые
factor-off = Выключить
factor-off-note = После этого для входа хватит одного пароля.
factor-off-done = Второй фактор выключен.

# Сеансы.
sessions-title = Где вы вошли
sessions-this = этот
sessions-unknown = Неизвестная программа
sessions-seen = последний раз { $time }
sessions-since = вход { $time }
sessions-end = Завершить
sessions-ended-one = Тот сеанс завершён.
sessions-end-all = Выйти везде
sessions-end-all-sure = Выйти везде, и здесь тоже?
