//! The fields that columns can be.

use super::{Kind, META};

/// A field of a row.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, as in the API.
    pub name: &'static str,
    /// Headings it is recognised by, besides its name: lower case, letters and digits only.
    pub(super) headings: &'static [&'static str],
}

const fn field(name: &'static str, headings: &'static [&'static str]) -> Field {
    Field { name, headings }
}

const STATUSES: &[Field] = &[
    field(
        "lead",
        &[
            "ourid",
            "leadid",
            "lead",
            "leadnumber",
            "clickid",
            "subid",
            "ourlead",
            "нашид",
            "лид",
            "idлида",
            "номерлида",
            "айдилида",
            "номер",
        ],
    ),
    field(
        "external_id",
        &[
            "id",
            "externalid",
            "networkid",
            "orderid",
            "order",
            "extid",
            "uid",
            "внешнийid",
            "заказ",
            "номерзаказа",
            "idзаказа",
            "idсети",
            "idвсети",
        ],
    ),
    field(
        "transaction_id",
        &[
            "transactionid",
            "transaction",
            "conversionid",
            "actionid",
            "транзакция",
            "idтранзакции",
            "конверсия",
            "idконверсии",
        ],
    ),
    field("status", &["status", "state", "leadstatus", "статус", "состояние", "статуслида", "статусзаказа"]),
    field("reason", &["reason", "cancelreason", "rejectreason", "причина", "причинаотказа", "причинаотмены"]),
    field("comment", &["comment", "note", "notes", "комментарий", "коммент", "примечание"]),
    field(
        "revenue",
        &["revenue", "amount", "sum", "income", "price", "cost", "сумма", "доход", "выручка", "стоимость", "цена"],
    ),
    field("payout", &["payout", "webmasterpayout", "выплата", "выплатавебмастеру", "ставка"]),
    field("currency", &["currency", "валюта"]),
    field("goal", &["goal", "target", "цель"]),
];

const LEADS: &[Field] = &[
    field(
        "external_id",
        &["id", "externalid", "orderid", "leadid", "uid", "внешнийid", "номерзаказа", "idзаказа", "idлида", "номер"],
    ),
    field(
        "phone",
        &["phone", "phonenumber", "telephone", "tel", "mobile", "телефон", "тел", "номертелефона", "мобильный", "моб"],
    ),
    field("name", &["name", "fullname", "customer", "client", "clientname", "имя", "фио", "клиент", "покупатель"]),
    field("first_name", &["firstname", "givenname"]),
    field("last_name", &["lastname", "surname", "familyname", "фамилия"]),
    field("email", &["email", "mail", "почта", "емейл", "имейл", "электроннаяпочта"]),
    field("country", &["country", "geo", "countrycode", "страна", "гео", "кодстраны"]),
    field("region", &["region", "state", "province", "регион", "область"]),
    field("city", &["city", "town", "город"]),
    field("zip", &["zip", "zipcode", "postcode", "postalcode", "индекс", "почтовыйиндекс"]),
    field("address", &["address", "street", "адрес", "улица"]),
    field("comment", &["comment", "note", "notes", "комментарий", "коммент", "примечание"]),
    field("ip", &["ip", "ipaddress", "айпи"]),
    field("user_agent", &["useragent", "ua", "браузер"]),
    field("referer", &["referer", "referrer", "реферер"]),
    field("landing_url", &["landingurl", "landing", "url", "page", "лендинг", "страница"]),
    field("language", &["language", "lang", "язык"]),
    field("click_id", &["clickid", "click", "кликid", "клик", "idклика"]),
    field("goal", &["goal", "цель"]),
    field("price", &["price", "cost", "sum", "amount", "цена", "стоимость", "сумма"]),
    field("currency", &["currency", "валюта"]),
    field("quantity", &["quantity", "count", "qty", "количество", "колво"]),
    field("flow", &["flow", "stream", "поток"]),
    field("sub1", &["sub1", "subid1", "subid", "sub"]),
    field("sub2", &["sub2", "subid2"]),
    field("sub3", &["sub3", "subid3"]),
    field("sub4", &["sub4", "subid4"]),
    field("sub5", &["sub5", "subid5"]),
    field("sub6", &["sub6"]),
    field("sub7", &["sub7"]),
    field("sub8", &["sub8"]),
    field("sub9", &["sub9"]),
    field("sub10", &["sub10"]),
    field("sub11", &["sub11"]),
    field("sub12", &["sub12"]),
    field("utm_source", &["utmsource", "source", "источник"]),
    field("utm_medium", &["utmmedium"]),
    field("utm_campaign", &["utmcampaign", "campaign", "кампания"]),
    field("utm_content", &["utmcontent"]),
    field("utm_term", &["utmterm"]),
    field("test", &["test", "istest", "тест"]),
    field(META, &[]),
];

/// The fields of a kind, the more usual first.
pub const fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Statuses => STATUSES,
        Kind::Leads => LEADS,
    }
}

/// Whether a field of a lead tells who the person is.
pub fn is_contact(field: &str) -> bool {
    matches!(
        field,
        "phone"
            | "email"
            | "name"
            | "first_name"
            | "last_name"
            | "address"
            | "zip"
            | "ip"
            | "comment"
            | "user_agent"
            | "referer"
            | "landing_url"
            | META
    )
}
