//! What kind of address an IP address is: a table of the special ranges (IANA registries) and the forms of
//! IPv6 that carry an IPv4 address inside. Whoever is not in the table and is unicast is public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Anybody's: may be called.
    Public,
    /// Of this machine or its own network: called only where the operator allows private targets.
    Private(&'static str),
    /// Serves credentials to machines in a cloud: called only when listed by itself.
    Metadata,
    /// Never a useful target: called only when listed.
    Reserved(&'static str),
}

use Class::{Private, Reserved};

const V4: &[(Ipv4Addr, u32, Class)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, Reserved("this network, 0.0.0.0/8")),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Private("private, 10.0.0.0/8")),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Private("carrier-grade NAT, 100.64.0.0/10")),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Private("loopback, 127.0.0.0/8")),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Private("link-local, 169.254.0.0/16")),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Private("private, 172.16.0.0/12")),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reserved("protocol assignments, 192.0.0.0/24")),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reserved("documentation, 192.0.2.0/24")),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reserved("6to4 relay, 192.88.99.0/24")),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Private("private, 192.168.0.0/16")),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reserved("benchmark, 198.18.0.0/15")),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reserved("documentation, 198.51.100.0/24")),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reserved("documentation, 203.0.113.0/24")),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Reserved("multicast, 224.0.0.0/4")),
    (Ipv4Addr::new(255, 255, 255, 255), 32, Reserved("broadcast")),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reserved("class E, 240.0.0.0/4")),
];

const V6: &[(Ipv6Addr, u32, Class)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, Reserved("unspecified, ::")),
    (Ipv6Addr::LOCALHOST, 128, Private("loopback, ::1")),
    (Ipv6Addr::UNSPECIFIED, 96, Reserved("IPv4-compatible, ::/96")),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Reserved("IPv4-translated, ::ffff:0:0:0/96")),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Reserved("local NAT64, 64:ff9b:1::/48")),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Reserved("discard, 100::/64")),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Reserved("Teredo, 2001::/32")),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Reserved("benchmark, 2001:2::/48")),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Reserved("protocol assignments, 2001::/23")),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Reserved("documentation, 2001:db8::/32")),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Reserved("6to4, 2002::/16")),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Reserved("documentation, 3fff::/20")),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Private("unique local, fc00::/7")),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Private("link-local, fe80::/10")),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Reserved("site-local, fec0::/10")),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Reserved("multicast, ff00::/8")),
];

/// Where clouds hand out credentials. Some lie in ranges that are otherwise private or even public.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// The address that a packet to `ip` ends at: the IPv4 address inside an IPv4-mapped or NAT64 address.
pub fn inner(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let is_nat64 = matches(v6, Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
    match v6.to_ipv4_mapped() {
        Some(v4) => IpAddr::V4(v4),
        None if is_nat64 => IpAddr::V4(low_v4(v6)),
        None => ip,
    }
}

/// The class of an address.
pub fn classify(ip: IpAddr) -> Class {
    let ip = inner(ip);
    if METADATA.contains(&ip) {
        return Class::Metadata;
    }
    match ip {
        IpAddr::V4(v4) => V4
            .iter()
            .find(|(net, bits, _)| (u32::from(v4) ^ u32::from(*net)).checked_shr(32 - bits).unwrap_or_default() == 0)
            .map_or(Class::Public, |(_, _, class)| *class),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v6(v6: Ipv6Addr) -> Class {
    if let Some((_, _, class)) = V6.iter().find(|(net, bits, _)| matches(v6, *net, *bits)) {
        return *class;
    }
    // ISATAP hides an IPv4 address in the interface part of any prefix: nobody runs public web servers so.
    if matches!(v6.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, _, _]) {
        return Reserved("ISATAP");
    }
    if matches(v6, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3) {
        Class::Public
    } else {
        Reserved("not global unicast")
    }
}

fn matches(ip: Ipv6Addr, net: Ipv6Addr, bits: u32) -> bool {
    (u128::from(ip) ^ u128::from(net)).checked_shr(128 - bits).unwrap_or_default() == 0
}

fn low_v4(v6: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = v6.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn class(text: &str) -> Class {
        classify(text.parse().unwrap())
    }

    #[test]
    fn the_table_of_addresses() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert_eq!(class(public), Class::Public, "{public}");
        }
        for private in [
            "10.0.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
        ] {
            assert!(matches!(class(private), Private(_)), "{private} is {:?}", class(private));
        }
        for reserved in [
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:808:808::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
            "5f00::1",
            "2a00::5efe:808:808",
            "2a00::200:5efe:a00:1",
        ] {
            assert!(matches!(class(reserved), Reserved(_)), "{reserved} is {:?}", class(reserved));
        }
        for metadata in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fd00:ec2::254",
            "100.100.100.200",
            "169.254.170.2",
            "168.63.129.16",
        ] {
            assert_eq!(class(metadata), Class::Metadata, "{metadata}");
        }
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_what_its_v4_is(v4 in any::<u32>()) {
            let v4 = Ipv4Addr::from(v4);
            let plain = classify(IpAddr::V4(v4));
            prop_assert_eq!(classify(IpAddr::V6(v4.to_ipv6_mapped())), plain);
            let nat64 = (0x64_ff9b_u128 << 96) | u128::from(u32::from(v4));
            prop_assert_eq!(classify(IpAddr::V6(Ipv6Addr::from(nat64))), plain);
        }

        #[test]
        fn public_v4_agrees_with_the_standard_library(v4 in any::<u32>()) {
            let v4 = Ipv4Addr::from(v4);
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_unspecified() || v4.is_multicast()
            {
                prop_assert_ne!(classify(IpAddr::V4(v4)), Class::Public);
            }
        }

        #[test]
        fn public_v6_is_global_unicast(v6 in any::<u128>()) {
            let v6 = Ipv6Addr::from(v6);
            if classify(IpAddr::V6(v6)) == Class::Public && inner(IpAddr::V6(v6)) == IpAddr::V6(v6) {
                prop_assert!(!v6.is_multicast() && !v6.is_unique_local() && !v6.is_unicast_link_local());
                prop_assert_eq!(v6.segments()[0] >> 13, 1);
            }
        }
    }
}
