//! The shops, plans and products that are there from the start: one plan for each verdict on a link.

use super::plan::{Application, ApplyMode, Plan, PlanState, Product, Store};

/// The shops.
pub(super) fn stores() -> Vec<Store> {
    let store = |id, name: &str, en_name: &str, url: &str, is_domestic, is_recommended| Store {
        id,
        name: name.to_owned(),
        en_name: en_name.to_owned(),
        url: url.to_owned(),
        is_domestic,
        is_recommended,
    };
    vec![
        store(501, "示例商城", "Demo Shop", "https://shop.example/", true, true),
        store(502, "茶与咖啡", "Tea & Coffee", "https://tea.example/", true, false),
        store(503, "户外用品", "Outdoor World", "https://outdoor.example/", false, true),
        store(504, "环球旅行", "Globe Travel", "https://travel.example/", false, false),
    ]
}

/// The plans.
pub(super) fn plans() -> Vec<Plan> {
    let plan = |ads_id: &str, name: &str, store_id, url: &str| Plan { store_id, ..Plan::new(ads_id, name, url) };
    vec![
        // The name of the checksum vectors: with a space, a plus and Chinese.
        plan("61", "示例计划 A+B", 501, "https://shop.example/"),
        Plan { support_euid: false, ..plan("62", "无标签计划 Tea & Coffee", 502, "https://tea.example/") },
        Plan {
            application: Application::NotApplied,
            category: 1,
            ..plan("63", "未申请计划 Outdoor", 503, "https://outdoor.example/")
        },
        Plan {
            state: PlanState::InReview,
            application: Application::NotApproved,
            ..plan("64", "审核中计划 Books", 501, "https://books.example/")
        },
        Plan {
            application: Application::NotApplied,
            apply_mode: ApplyMode::Manual,
            category: 2,
            ..plan("65", "人工审核计划 Travel", 504, "https://travel.example/")
        },
        Plan { state: PlanState::Ended, ..plan("66", "已结束计划 Summer Sale", 501, "https://summer.example/") },
        Plan {
            needs_taobao: true,
            support_euid: false,
            channel: 1,
            ..plan("67", "淘宝计划 Taobao", 501, "https://taobao.example/")
        },
        Plan { exhausted: true, ..plan("68", "资源不足计划 Sold Out", 501, "https://soldout.example/") },
    ]
}

/// The products.
pub(super) fn products() -> Vec<Product> {
    let product = |product_id: &str, ads_id: &str, url: &str| Product {
        product_id: product_id.to_owned(),
        ads_id: ads_id.to_owned(),
        url: url.to_owned(),
    };
    vec![
        product("7001", "61", "https://shop.example/kettle?sku=77"),
        product("7002", "63", "https://outdoor.example/tent"),
    ]
}
