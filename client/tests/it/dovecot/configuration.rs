//! The configuration of the tests' Dovecot, in the syntax of version 2.3.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Setup;
use crate::tokens::Tokens;

/// The environment of a Dovecot.
pub(super) struct Place<'a> {
    /// The folder of its files.
    pub(super) home: &'a Path,
    /// The user and group of the mail.
    pub(super) owner: (u32, u32),
    /// True if root starts it.
    pub(super) is_root: bool,
    /// The ports: with TLS, and with `STLS`.
    pub(super) ports: [u16; 2],
}

/// Returns the text of a configuration.
pub(super) fn text(place: &Place<'_>, setup: &Setup, tokens: Option<&Tokens>) -> String {
    let Place {
        home,
        owner: (user, group),
        is_root,
        ports: [tls_port, stls_port],
    } = place;
    let home = home.display();
    let passwords = setup.mechanisms;
    let mut mechanisms = passwords.to_owned();
    let mut token_users = String::new();
    if let Some(tokens) = tokens {
        mechanisms.push_str(" xoauth2 oauthbearer");
        token_users = format!(
            "passdb {{\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n\
             args = {home}/oauth2.conf\n}}\n"
        );
        let url = tokens.url();
        let asking = format!(
            "introspection_mode = post\nintrospection_url = {url}\n\
             username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        );
        fs::write(place.home.join("oauth2.conf"), asking).unwrap();
    }
    let processes = match *is_root {
        // Dovecot's default users and chroots, as Debian sets them up.
        true => String::new(),
        false => {
            let name = |flag: &str| {
                let output = Command::new("id").arg(flag).output().unwrap();
                String::from_utf8(output.stdout).unwrap().trim().to_owned()
            };
            format!(
                "default_internal_user = {user}\ndefault_login_user = {user}\n\
                 default_internal_group = {group}\n\
                 service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n",
                user = name("-un"),
                group = name("-gn"),
            )
        }
    };
    let login_jail = if *is_root { "" } else { "chroot =\n" };
    format!(
        "protocols = pop3\n\
         listen = 127.0.0.1\n\
         base_dir = {home}/run\n\
         state_dir = {home}/state\n\
         log_path = {home}/log\n\
         {processes}\
         ssl = yes\n\
         ssl_cert = <{home}/server.pem\n\
         ssl_key = <{home}/server.key\n\
         auth_mechanisms = {mechanisms}\n\
         auth_failure_delay = 0\n\
         service anvil {{\n unix_listener anvil-auth-penalty {{\n mode = 0\n}}\n}}\n\
         passdb {{\n driver = passwd-file\n args = {home}/users\n\
         mechanisms = {passwords}\n}}\n\
         {token_users}\
         userdb {{\n driver = static\n args = uid={user} gid={group} home={home}/mail\n}}\n\
         first_valid_uid = 1\n\
         mail_location = maildir:{home}/mail\n\
         pop3_uidl_format = %f\n\
         service pop3-login {{\n{login_jail}\
         inet_listener pop3 {{\n port = {stls_port}\n}}\n\
         inet_listener pop3s {{\n port = {tls_port}\n ssl = yes\n}}\n}}\n\
         {settings}\n",
        settings = setup.settings
    )
}
