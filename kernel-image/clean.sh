#!/bin/sh
# Runs once, in the build: takes out of the root what no worksheet needs, compiles what stays, and makes the result the same for
# the same packages.
set -eu
epoch=@1735689600 # 2025-01-01, the date of every file
python=/usr/lib/python3/dist-packages

mkdir -p /usr/share/carrel/home /home/worksheet
dpkg-query -W -f='${Package} ${Version}\n' | sort > /usr/share/carrel/packages.txt

# The font list that matplotlib would make on its first import in every sandbox.
PYTHONHASHSEED=0 HOME=/usr/share/carrel/home MPLBACKEND=agg python3 -c 'import matplotlib.font_manager, matplotlib.pyplot'

# Packages that others depend on for what does not happen here: debuggers, Tk, package management, accounts, mounting.
for package in gdb python3-debugpy libpython3.13 tk8.6-blt2.5 blt libtk8.6 libtcl8.6 python3-tk python3.13-tk apt libapt-pkg7.0 \
    gpgv sqv unicode-data libjs-jquery-ui libjs-jquery python3-widgetsnbextension perl-base debconf passwd mount login \
    login.defs util-linux bsdutils libdebuginfod1t64 libdebuginfod-common libbabeltrace1 libsource-highlight4t64 \
    libsource-highlight-common libipt2 python3-coverage python3-pil.imagetk x11-common ucf openssl \
    ca-certificates debian-archive-keyring libpam-modules libpam-modules-bin libpam-runtime libx11-data sysvinit-utils \
    python3-setuptools python3-pkg-resources python3-numpy-dev libblas3 liblapack3; do
    dpkg-query -L "$package" 2> /dev/null | while read -r path; do
        if [ -f "$path" ] || [ -h "$path" ]; then rm -f "$path"; fi
    done
done

find / -xdev -name '*.pyc' -delete
rm -rf /usr/bin/dpkg* /usr/bin/update-alternatives /usr/bin/deb-systemd-* /usr/bin/py3clean /usr/bin/py3compile \
    /usr/lib/x86_64-linux-gnu/gconv /etc/passwd- /etc/group- /etc/rc?.d /etc/security /etc/selinux /etc/gdb /etc/.pwd.lock \
    /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion \
    /usr/share/unicode /usr/share/javascript /usr/share/tcltk /usr/share/X11 /usr/share/gdb /usr/share/perl5 /usr/share/bug \
    /usr/share/doc-base /usr/share/jupyter/nbextensions /usr/share/matplotlib/sample_data /usr/include /usr/games \
    /usr/lib/python3/dist-packages/*-stubs /usr/lib/x86_64-linux-gnu/perl-base /usr/lib/x86_64-linux-gnu/security \
    /usr/sbin/* /var/cache/* /var/lib/apt /var/lib/dpkg /var/log/* /etc/apt /etc/dpkg /etc/pam.d /etc/init.d /etc/cron* \
    /etc/systemd /usr/lib/systemd /boot /media /mnt /opt /srv /root /tmp/* /run/* /etc/shadow* /etc/gshadow*

# Test suites, headers and sources for compilers.
find /usr/lib/python3 /usr/lib/python3.13 -depth -type d \( -name tests -o -name test -o -name testing -o -name include \) \
    ! -path "$python/numpy/testing*" ! -path "$python/numpy/_core/tests" ! -path "$python/pandas/testing*" \
    ! -path "$python/IPython/testing*" ! -path "$python/matplotlib/testing*" ! -path "$python/scipy/_lib/array_api_compat*" \
    ! -path "$python/sympy/testing*" ! -path "$python/mpmath/*" -exec rm -rf {} +
find / -xdev \( -name '*.a' -o -name '*.pyi' -o -name '*.h' -o -name '*.c' -o -name '*.pyx' -o -name '*.pxd' \) -type f \
    ! -path '*/typeshed/*' ! -path '/proc/*' ! -path '/sys/*' -delete
find / -xdev -xtype l -path '/usr/*' -delete

PYTHONHASHSEED=0 python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3 /usr/lib/python3.13 \
    > /dev/null || true
find / -xdev -type d -name '*-stubs' -prune -exec rm -rf {} +
find / -xdev -perm /6000 -exec chmod a-s {} +
find / -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -newermt "$epoch" -exec touch -h -d "$epoch" {} + || true
