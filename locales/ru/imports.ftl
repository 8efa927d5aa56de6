# Статусы и лиды из файлов.
place-imports = Импорт
import-new = Новый импорт
import-what = Что в файле
import-kind-statuses = Статусы
import-kind-leads = Лиды
import-about-statuses = Что сеть говорит о лидах, которые у неё есть: решения, суммы, причины. Слова статусов читаются так же, как в её постбеках.
import-about-leads = Новые лиды одного вебмастера на один оффер. Каждый проверяется и отправляется так, как если бы пришёл по API.
import-network-help = Чей это список. Если пусто, каждый лид назван нашим id или номером и относится к той сети, у которой он есть.
import-choose = Выберите что-то одно.
import-gone = Этого больше нет: выберите другое.
import-gone-object = в архиве
import-any-network = сеть, у которой есть лид
import-file = Файл
import-file-help = CSV или XLSX с заголовками в первой строке, до 20 МБ и 100 000 строк. Ничего не изменится, пока вы не увидите, что получится.
import-send = Отправить файл
import-no-file = Выберите файл.
import-file-empty = Файл пуст.
import-file-no-rows = Под первой строкой, где должны быть заголовки, ничего нет.
import-file-large = Файл больше { $most } МБ: разделите его.
import-file-much = Распакованная книга слишком велика: разделите её или сохраните лист как CSV.
import-file-rows = В файле больше { $most } строк: разделите его.
import-file-columns = В файле больше { $most } столбцов: уберите ненужные.
import-file-cell = Ячейка в строке { $line } слишком длинная.
import-file-workbook = Книгу не удалось прочитать: сохраните её заново как XLSX или CSV.
import-file-old = Это старый файл Excel: сохраните его как XLSX или CSV.
import-file-no-text = Это не CSV и не XLSX.
import-received = { $count ->
    [one] Пришла { $count } строка. Укажите, что в её столбцах.
    [few] Пришло { $count } строки. Укажите, что в их столбцах.
   *[other] Пришло { $count } строк. Укажите, что в их столбцах.
}
import-sent-before = Этот файл уже отправлен.
import-rows = { $count ->
    [one] { $count } строка
    [few] { $count } строки
   *[other] { $count } строк
}
import-same = Этот же файл уже импортирован { $time }.
import-same-show = Посмотреть тот импорт
import-columns = Столбцы
import-columns-note = Столбцы узнаны по заголовкам. Поправьте, что не так; ненужное не читается.
import-column = Столбец
import-samples = Первые значения
import-is = Что это
import-is-of = Что в столбце { $column }
import-left-out = – не читать –
import-preview = Как будут прочитаны первые строки
import-preview-none = Ни один столбец ещё не выбран.
import-preview-again = Показать снова
import-for-all = Для всех строк
import-status = Статус всех строк
import-status-help = Для файлов, где статус один и столбца с ним нет.
import-currency = Валюта
import-currency-help = Для сумм, у которых она не указана, например USD.
import-currency-wrong = Нужен код, например USD.
import-international = Телефоны без + начинаются с кода страны
import-remember-statuses = Читать так же следующий файл этой сети
import-remember-leads = Читать так же следующий файл этого вебмастера
import-not-so = Так столбцы прочитать нельзя
import-needs-columns = Укажите хотя бы для одного столбца, что это.
import-needs-id = Один из столбцов должен быть нашим лидом или его id в сети.
import-needs-lead = Один из столбцов должен быть нашим лидом: сеть не выбрана.
import-needs-status = Выберите столбец со статусом или один статус для всех строк.
import-twice = Два столбца – одно и то же поле: один из них не читайте.
import-check = Проверить все строки
import-is-checking = Все строки проверяются. Ничего не меняется.
import-columns-kept = Столбцы читаются так.
import-title-checking = Проверка всех строк
import-title-checked = Что сделает импорт
import-title-running = Идёт импорт
import-title-done = Импорт завершён
import-progress = Обработано строк
import-handled = { $count ->
    [one] { $handled } из { $count } строки
   *[other] { $handled } из { $count } строк
}
import-wait = Страницу можно закрыть: работа продолжится.
import-look = Посмотреть снова
import-would = { $count ->
    [one] Из { $count } строки что-то изменит: { $telling }. Пока ничего не изменено.
   *[other] Из { $count } строк что-то изменят: { $telling }. Пока ничего не изменено.
}
import-has = { $count ->
    [one] Из { $count } строки что-то изменила: { $telling }.
   *[other] Из { $count } строк что-то изменили: { $telling }.
}
import-run = Импортировать
import-again = Изменить столбцы
import-is-running = Импорт начат.
import-ran-before = Этот импорт уже начат.
import-wrong-state = Сейчас так нельзя: состояние импорта – «{ $state }».
import-discard = Выбросить файл
import-discard-sure = Выбросить этот файл? Из него ничего не импортировано.
import-discarded = Файл { $file } выброшен.
import-results = Строки
import-by-result = По итогу
import-all = все
import-line = Строка
import-result = Итог
import-reference = Id
import-lead = Лид
import-why = Почему
import-forgotten = Содержимое строк удалено по сроку; их итоги сохранены.
import-search-hint = название файла
none-imports = Импорта ещё не было
none-advice-imports = Отправьте список статусов от сети или лиды вебмастера в CSV или XLSX.
column-file = Файл
column-for = Для кого
column-rows = Строк
column-results = Итоги
column-ended = Завершён
import-field-lead = Наш лид (id или номер)
import-field-statuses-external_id = Id лида в сети
import-field-leads-external_id = Собственный id вебмастера
import-field-transaction_id = Id транзакции
import-field-status = Статус
import-field-reason = Причина
import-field-comment = Комментарий
import-field-revenue = Доход (платит сеть)
import-field-payout = Выплата (вебмастеру)
import-field-currency = Валюта
import-field-goal = Цель
import-field-phone = Телефон
import-field-name = Имя
import-field-first_name = Имя (без фамилии)
import-field-last_name = Фамилия
import-field-email = E-mail
import-field-country = Страна
import-field-region = Регион
import-field-city = Город
import-field-zip = Индекс
import-field-address = Адрес
import-field-language = Язык
import-field-click_id = Id клика
import-field-price = Цена
import-field-quantity = Количество
import-field-flow = Поток
import-field-test = Тестовый лид
import-field-meta = Своё поле (meta)
import-field-webmaster = Вебмастер
import-field-offer = Оффер
