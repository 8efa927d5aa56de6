# Kinds of partners: the gallery and the page of one.
place-integrations = Integrations
integrations-note = The kinds of partners that leads can be handed to. A network is an account at one of them.
integrations-search = Search integrations
integrations-find = Search
integrations-count = { $count ->
    [one] { $count } integration
   *[other] { $count } integrations
}
integrations-none-found = Nothing is called “{ $query }”
integrations-none-advice = A partner with an HTTP interface can be connected with the generic ones, or with a file of its own.
integration-use = Use it
integration-settings = What it asks for
integration-no-settings = It needs no settings.
integration-setting = Setting
integration-kind = Kind
integration-help = What it is
integration-default = ({ $value } when left empty)
integration-networks = Networks of this kind
integration-statuses = Statuses it knows
integration-no-statuses = It knows no words of its own: each network has its own table.
setting-text = text
setting-url = URL
setting-secret = secret
setting-number = number
setting-bool = yes or no
setting-choice = choice
setting-object = names and values

# What one can do.
can-send = Sends leads
can-poll = Polls statuses
can-inbound = Takes calls
can-look-up = Looks leads up
can-hear-changes = Hears of changes
can-hear-verdicts = Hears our verdict
can-test = Knows test leads
can-plans = Has plans
can-records = Has records
