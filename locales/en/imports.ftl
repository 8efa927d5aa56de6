# Statuses and leads from files.
place-imports = Imports
import-new = New import
import-what = What the file holds
import-kind-statuses = Statuses
import-kind-leads = Leads
import-about-statuses = What a network says of leads it has: verdicts, amounts, reasons. The network’s own status words are read as in its postbacks.
import-about-leads = New leads of one webmaster for one offer. Each is checked and routed as if it had been posted.
import-network-help = Whose list it is. Left empty, each lead is named by our own id or number, and belongs to the network that has it.
import-choose = Choose one.
import-gone = Is not there any more: choose another one.
import-gone-object = archived
import-any-network = whichever network has the lead
import-file = File
import-file-help = CSV or XLSX with headings in the first line, at most 20 MB and 100,000 rows. Nothing is changed before you have seen what it would do.
import-send = Send the file
import-no-file = Choose a file.
import-file-empty = The file is empty.
import-file-no-rows = There is nothing below the first line, which must hold the headings.
import-file-large = The file is larger than { $most } MB: split it.
import-file-much = The workbook unpacks to more than can be read at once: split it, or save the sheet as CSV.
import-file-rows = The file has more than { $most } rows: split it.
import-file-columns = The file has more than { $most } columns: leave out those that are not needed.
import-file-cell = A cell in line { $line } is too long.
import-file-workbook = The workbook cannot be read: save it anew as XLSX or as CSV.
import-file-old = This is an old Excel file: save it as XLSX or CSV.
import-file-no-text = This is neither CSV nor XLSX.
import-received = { $count ->
    [one] { $count } row has come. Say what its columns are.
   *[other] { $count } rows have come. Say what their columns are.
}
import-sent-before = This file was sent already.
import-rows = { $count ->
    [one] { $count } row
   *[other] { $count } rows
}
import-same = The same file was imported on { $time }.
import-same-show = See that import
import-columns = Columns
import-columns-note = Each column was matched by its heading. Correct what is wrong; what is not needed is left out.
import-column = Column
import-samples = First values
import-is = Is
import-is-of = What { $column } is
import-left-out = – left out –
import-preview = As the first rows would be read
import-preview-none = No column has been chosen yet.
import-preview-again = Show again
import-for-all = For all rows
import-status = Status of all rows
import-status-help = For files that hold one status and have no column of it.
import-currency = Currency
import-currency-help = Of amounts that name none, such as USD.
import-currency-wrong = Must be a code such as USD.
import-international = Phones without + begin with the code of their country
import-remember-statuses = Read the next file of this network alike
import-remember-leads = Read the next file of this webmaster alike
import-not-so = The columns cannot be read so
import-needs-columns = Choose what at least one column is.
import-needs-id = One column must be our lead, or the network’s id of it.
import-needs-lead = One column must be our lead: no network was chosen.
import-needs-status = Choose the column of the status, or one status for all rows.
import-twice = Two columns are the same field: leave one of them out.
import-check = Try all rows
import-is-checking = All rows are being tried. Nothing is changed.
import-columns-kept = The columns are read so.
import-title-checking = Trying all rows
import-title-checked = What the import would do
import-title-running = Importing
import-title-done = Imported
import-progress = Rows handled
import-handled = { $count ->
    [one] { $handled } of { $count } row
   *[other] { $handled } of { $count } rows
}
import-wait = You can leave this page: the work goes on.
import-look = Look again
import-would = { $count ->
    [one] { $telling } of { $count } row would change something. Nothing has been changed yet.
   *[other] { $telling } of { $count } rows would change something. Nothing has been changed yet.
}
import-has = { $count ->
    [one] { $telling } of { $count } row has changed something.
   *[other] { $telling } of { $count } rows have changed something.
}
import-run = Import
import-again = Change the columns
import-is-running = The import has begun.
import-ran-before = This import was begun already.
import-wrong-state = That cannot be done now: the import is “{ $state }”.
import-discard = Throw the file away
import-discard-sure = Throw this file away? Nothing of it was imported.
import-discarded = { $file } was thrown away.
import-results = Rows
import-by-result = By result
import-all = all
import-line = Line
import-result = Result
import-reference = Id
import-lead = Lead
import-why = Why
import-forgotten = What stood in the rows was removed after its time; their results are kept.
import-search-hint = name of the file
none-imports = Nothing was imported yet
none-advice-imports = Send a list of statuses from a network, or leads of a webmaster, as CSV or XLSX.
column-file = File
column-for = For
column-rows = Rows
column-results = Results
column-ended = Ended
import-field-lead = Our lead (id or number)
import-field-statuses-external_id = Network’s id of the lead
import-field-leads-external_id = Webmaster’s own id
import-field-transaction_id = Transaction id
import-field-status = Status
import-field-reason = Reason
import-field-comment = Comment
import-field-revenue = Revenue (the network pays us)
import-field-payout = Payout (we pay the webmaster)
import-field-currency = Currency
import-field-goal = Goal
import-field-phone = Phone
import-field-name = Name
import-field-first_name = First name
import-field-last_name = Last name
import-field-email = E-mail
import-field-country = Country
import-field-region = Region
import-field-city = City
import-field-zip = Postcode
import-field-address = Address
import-field-language = Language
import-field-click_id = Click id
import-field-price = Price
import-field-quantity = Quantity
import-field-flow = Flow
import-field-test = Test lead
import-field-meta = Own field (meta)
import-field-webmaster = Webmaster
import-field-offer = Offer
