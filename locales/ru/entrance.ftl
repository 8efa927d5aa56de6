# Вход, первый администратор и ошибки.
field-email = Эл. почта
field-password = Пароль
field-name = Имя
field-optional = необязательно
form-not-saved = Не сохранено: проверьте отмеченные поля.
form-look-again = Проверьте отмеченные поля.
login-title = Вход в leadrelay
login-do = Войти
login-wrong = Почта или пароль не подходят.
login-too-many = { $seconds ->
    [one] Слишком много попыток. Подождите { $seconds } секунду и попробуйте снова.
    [few] Слишком много попыток. Подождите { $seconds } секунды и попробуйте снова.
   *[other] Слишком много попыток. Подождите { $seconds } секунд и попробуйте снова.
}
setup-title = Первый администратор
setup-lead = Эта учётная запись может здесь всё. Ссылка действует один раз.
setup-password-help = Не меньше { $least } знаков; целую фразу запомнить легче.
setup-again = Тот же пароль ещё раз
setup-do = Создать администратора

error-request = Запрос
error-overview = К обзору
error-gone = Такой страницы нет
error-gone-advice = Адрес устарел или набран с ошибкой, или то, что здесь было, убрано.
error-method = Здесь это невозможно
error-method-advice = Вернитесь и воспользуйтесь формой на странице.
error-signed-out = Войдите, пожалуйста
error-signed-out-advice = Ваш сеанс завершён.
error-forbidden = Вам это не разрешено
error-forbidden-advice = { $why }. Обратитесь к администратору.
error-too-many = Слишком много запросов
error-too-many-advice = { $seconds ->
    [one] Подождите { $seconds } секунду и попробуйте снова.
    [few] Подождите { $seconds } секунды и попробуйте снова.
   *[other] Подождите { $seconds } секунд и попробуйте снова.
}
error-unavailable = Сейчас недоступно
error-unavailable-advice = База данных не отвечает, или сервер перегружен. Ничего не изменено; попробуйте через несколько секунд.
error-internal = Что-то пошло не так
error-internal-advice = Это не ваша вина. Попробуйте снова; если повторится, передайте номер ниже тому, кто ведёт этот сервер.
error-invalid = Некоторые поля неверны
error-invalid-advice = { $why }. Вернитесь и исправьте их.
error-other = Этого сделать нельзя
error-other-advice = { $why }. Вернитесь и посмотрите страницу заново.
