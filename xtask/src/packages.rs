//! Packages of the distribution: found by the programs that they bring, installed by apt-get.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process;

/// A program and the package that brings it.
pub struct Package {
    program: &'static str,
    package: &'static str,
    reason: &'static str,
}

/// The packages for building the client.
pub const FOR_BUILDING: &[Package] = &[
    Package {
        program: "cc",
        package: "gcc libc6-dev",
        reason: "links programs, and compiles the C parts of ring and SQLite",
    },
    Package {
        program: "clang",
        package: "clang",
        reason: "compiles ring and SQLite to WebAssembly",
    },
    Package {
        program: "llvm-ar",
        package: "llvm",
        reason: "packs what clang compiled to WebAssembly",
    },
];

/// The browser of the browser tests, where the distribution has it as a package.
pub const BROWSER: Package = Package {
    program: "chromium",
    package: "chromium",
    reason: "the browser of the browser tests",
};

/// The packages for the tests, beyond those for building.
pub const FOR_TESTING: &[Package] = &[
    Package {
        program: "/usr/lib/dovecot/pop3",
        package: "dovecot-pop3d",
        reason: "the mail server of the tests",
    },
    Package {
        program: "/usr/sbin/pop3d",
        package: "mailutils-pop3d",
        reason: "the other mail server of the tests",
    },
    Package {
        program: "nginx",
        package: "nginx-light",
        reason: "a reverse proxy in front of the bridge",
    },
    Package {
        program: "/usr/lib/nginx/modules/ngx_mail_module.so",
        package: "libnginx-mod-mail",
        reason: "a mail proxy in front of the mail server of the tests",
    },
    Package {
        program: "caddy",
        package: "caddy",
        reason: "another reverse proxy in front of the bridge",
    },
    Package {
        program: "/usr/sbin/haproxy",
        package: "haproxy",
        reason: "a load balancer in front of several bridges",
    },
    Package {
        program: "openssl",
        package: "openssl",
        reason: "makes the certificates of the tests' mail server",
    },
    Package {
        program: "pebble",
        package: "pebble",
        reason: "the certificate authority of the tests",
    },
    Package {
        program: "node",
        package: "nodejs",
        reason: "runs the browser tests",
    },
    Package {
        program: "npm",
        package: "npm",
        reason: "fetches the packages of the browser tests",
    },
];

/// The languages of the parsers that `cargo xtask bench reading` compares with.
pub const FOR_READING: &[Package] = &[
    Package {
        program: "node",
        package: "nodejs",
        reason: "runs mailparser and postal-mime",
    },
    Package {
        program: "npm",
        package: "npm",
        reason: "fetches mailparser and postal-mime",
    },
    Package {
        program: "python3",
        package: "python3",
        reason: "has the parser email",
    },
];

/// The programs that `cargo xtask bench pop3` compares with.
pub const FOR_COMPARING: &[Package] = &[
    Package {
        program: "mpop",
        package: "mpop",
        reason: "the fastest other POP3 client known",
    },
    Package {
        program: "fetchmail",
        package: "fetchmail",
        reason: "another POP3 client",
    },
    Package {
        program: "getmail",
        package: "getmail6",
        reason: "another POP3 client",
    },
    Package {
        program: "curl",
        package: "curl",
        reason: "another POP3 client",
    },
    Package {
        program: "python3",
        package: "python3",
        reason: "has another POP3 client, poplib",
    },
];

/// The packages for building and checking the Debian package.
pub const FOR_PACKAGING: &[Package] = &[
    Package {
        program: "dpkg-shlibdeps",
        package: "dpkg-dev",
        reason: "finds the libraries that the package needs",
    },
    Package {
        program: "lintian",
        package: "lintian",
        reason: "checks a package for mistakes",
    },
];

/// The packages for linking the static binary.
pub const FOR_STATIC: &[Package] = &[Package {
    program: "musl-gcc",
    package: "musl-tools",
    reason: "compiles the C parts of the static binary, and links it",
}];

/// The packages for building and running the image without Docker.
pub const FOR_IMAGES: &[Package] = &[Package {
    program: "buildah",
    package: "buildah",
    reason: "builds the image",
}];

/// The packages for installing programs from PyPI.
pub const FOR_PYTHON: &[Package] = &[Package {
    program: "python3",
    package: "python3 python3-venv",
    reason: "installs programs from PyPI",
}];

/// The programs that `cargo xtask bench bridge` compares with.
pub const FOR_RELAYING: &[Package] = &[
    Package {
        program: "socat",
        package: "socat",
        reason: "relays from TCP to TCP",
    },
    Package {
        program: "nginx",
        package: "nginx",
        reason: "relays from TCP to TCP, by its module",
    },
    Package {
        program: NGINX_STREAM,
        package: "libnginx-mod-stream",
        reason: "the module",
    },
];

/// The module of nginx that relays.
pub const NGINX_STREAM: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// Installs the missing ones of `packages`, as root or with a `sudo` that needs no password.
///
/// # Errors
/// Fails with the one line to type, if neither is possible.
pub fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|package| find(package.program).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        println!("missing: {} ({})", package.package, package.reason);
    }
    let names: Vec<_> = missing
        .iter()
        .flat_map(|package| package.package.split(' '))
        .collect();
    let by_hand = format!("apt-get install {}", names.join(" "));
    if find("apt-get").is_none() {
        bail!("this system has no apt-get: install what `{by_hand}` would bring, then try again");
    }
    let Some(program) = as_root("apt-get") else {
        bail!(
            "root is needed once, to install these. Type this, then try again:\n\n    sudo {by_hand}\n"
        );
    };
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(program.get_program());
        command.args(program.get_args()).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command)
    };
    println!("installing by apt-get: {}", names.join(" "));
    apt(&["update", "--quiet"])?;
    let mut install = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    install.extend(names);
    apt(&install)?;
    match packages.iter().find(|p| find(p.program).is_none()) {
        Some(package) => bail!(
            "{} was installed, but {} is still not there",
            package.package,
            package.program
        ),
        None => Ok(()),
    }
}

/// Finds a program by name in `PATH` and in the folders of system programs, or by its path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // Shared libraries are not executable.
    let is_module = file.extension().is_some_and(|extension| extension == "so");
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && (is_module || meta.permissions().mode() & 0o111 != 0))
}

/// Builds a command that runs as root: directly, or with a `sudo` that needs no password.
pub fn as_root(program: &str) -> Option<Command> {
    if rustix::process::geteuid().is_root() {
        return Some(Command::new(program));
    }
    let sudo_asks_nothing = Command::new("sudo")
        .args(["-n", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    sudo_asks_nothing.then(|| {
        let mut command = Command::new("sudo");
        command.args(["-n", program]);
        command
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_or_path_and_folders_are_none() {
        assert!(find("sh").is_some());
        assert_eq!(find("/bin/sh"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(find("/bin"), None);
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
