package dev.pinnace.linux;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Error numbers of errno(3), the same on x86_64 and aarch64. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int EPIPE = 32;
  public static final int EDOM = 33;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENOMSG = 42;
  public static final int EIDRM = 43;
  public static final int ECHRNG = 44;
  public static final int EL2NSYNC = 45;
  public static final int EL3HLT = 46;
  public static final int EL3RST = 47;
  public static final int ELNRNG = 48;
  public static final int EUNATCH = 49;
  public static final int ENOCSI = 50;
  public static final int EL2HLT = 51;
  public static final int EBADE = 52;
  public static final int EBADR = 53;
  public static final int EXFULL = 54;
  public static final int ENOANO = 55;
  public static final int EBADRQC = 56;
  public static final int EBADSLT = 57;
  public static final int EBFONT = 59;
  public static final int ENOSTR = 60;
  public static final int ENODATA = 61;
  public static final int ETIME = 62;
  public static final int ENOSR = 63;
  public static final int ENONET = 64;
  public static final int ENOPKG = 65;
  public static final int EREMOTE = 66;
  public static final int ENOLINK = 67;
  public static final int EADV = 68;
  public static final int ESRMNT = 69;
  public static final int ECOMM = 70;
  public static final int EPROTO = 71;
  public static final int EMULTIHOP = 72;
  public static final int EDOTDOT = 73;
  public static final int EBADMSG = 74;
  public static final int EOVERFLOW = 75;
  public static final int ENOTUNIQ = 76;
  public static final int EBADFD = 77;
  public static final int EREMCHG = 78;
  public static final int ELIBACC = 79;
  public static final int ELIBBAD = 80;
  public static final int ELIBSCN = 81;
  public static final int ELIBMAX = 82;
  public static final int ELIBEXEC = 83;
  public static final int EILSEQ = 84;
  public static final int ERESTART = 85;
  public static final int ESTRPIPE = 86;
  public static final int EUSERS = 87;
  public static final int ENOTSOCK = 88;
  public static final int EDESTADDRREQ = 89;
  public static final int EMSGSIZE = 90;
  public static final int EPROTOTYPE = 91;
  public static final int ENOPROTOOPT = 92;
  public static final int EPROTONOSUPPORT = 93;
  public static final int ESOCKTNOSUPPORT = 94;
  public static final int ENOTSUP = 95;
  public static final int EPFNOSUPPORT = 96;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ENETRESET = 102;
  public static final int ECONNABORTED = 103;
  public static final int ECONNRESET = 104;
  public static final int ENOBUFS = 105;
  public static final int EISCONN = 106;
  public static final int ENOTCONN = 107;
  public static final int ESHUTDOWN = 108;
  public static final int ETOOMANYREFS = 109;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EHOSTDOWN = 112;
  public static final int EHOSTUNREACH = 113;
  public static final int EALREADY = 114;
  public static final int EINPROGRESS = 115;
  public static final int ESTALE = 116;
  public static final int EUCLEAN = 117;
  public static final int ENOTNAM = 118;
  public static final int ENAVAIL = 119;
  public static final int EISNAM = 120;
  public static final int EREMOTEIO = 121;
  public static final int EDQUOT = 122;
  public static final int ENOMEDIUM = 123;
  public static final int EMEDIUMTYPE = 124;
  public static final int ECANCELED = 125;
  public static final int ENOKEY = 126;
  public static final int EKEYEXPIRED = 127;
  public static final int EKEYREVOKED = 128;
  public static final int EKEYREJECTED = 129;
  public static final int EOWNERDEAD = 130;
  public static final int ENOTRECOVERABLE = 131;
  public static final int ERFKILL = 132;

  private static final Map<Integer, String> NAMES = new HashMap<>();
  private static final Map<Integer, String> TEXTS = new HashMap<>();

  static {
    define(EPERM, "EPERM", "operation not permitted");
    define(ENOENT, "ENOENT", "no such file or directory");
    define(ESRCH, "ESRCH", "no such process");
    define(EINTR, "EINTR", "interrupted system call");
    define(EIO, "EIO", "input/output error");
    define(ENXIO, "ENXIO", "no such device or address");
    define(E2BIG, "E2BIG", "argument list too long");
    define(ENOEXEC, "ENOEXEC", "exec format error");
    define(EBADF, "EBADF", "bad file descriptor");
    define(ECHILD, "ECHILD", "no child processes");
    define(EAGAIN, "EAGAIN", "resource temporarily unavailable");
    define(ENOMEM, "ENOMEM", "cannot allocate memory");
    define(EACCES, "EACCES", "permission denied");
    define(EFAULT, "EFAULT", "bad address");
    define(ENOTBLK, "ENOTBLK", "block device required");
    define(EBUSY, "EBUSY", "device or resource busy");
    define(EEXIST, "EEXIST", "file exists");
    define(EXDEV, "EXDEV", "invalid cross-device link");
    define(ENODEV, "ENODEV", "no such device");
    define(ENOTDIR, "ENOTDIR", "not a directory");
    define(EISDIR, "EISDIR", "is a directory");
    define(EINVAL, "EINVAL", "invalid argument");
    define(ENFILE, "ENFILE", "too many open files in system");
    define(EMFILE, "EMFILE", "too many open files");
    define(ENOTTY, "ENOTTY", "inappropriate ioctl for device");
    define(ETXTBSY, "ETXTBSY", "text file busy");
    define(EFBIG, "EFBIG", "file too large");
    define(ENOSPC, "ENOSPC", "no space left on device");
    define(ESPIPE, "ESPIPE", "illegal seek");
    define(EROFS, "EROFS", "read-only file system");
    define(EMLINK, "EMLINK", "too many links");
    define(EPIPE, "EPIPE", "broken pipe");
    define(EDOM, "EDOM", "numerical argument out of domain");
    define(ERANGE, "ERANGE", "numerical result out of range");
    define(ENAMETOOLONG, "ENAMETOOLONG", "file name too long");
    define(ENOLCK, "ENOLCK", "no locks available");
    define(ENOSYS, "ENOSYS", "function not implemented");
    define(ENOTEMPTY, "ENOTEMPTY", "directory not empty");
    define(ELOOP, "ELOOP", "too many levels of symbolic links");
    define(ENOMSG, "ENOMSG", "no message of desired type");
    define(EIDRM, "EIDRM", "identifier removed");
    define(ECHRNG, "ECHRNG", "channel number out of range");
    define(EL2NSYNC, "EL2NSYNC", "level 2 not synchronized");
    define(EL3HLT, "EL3HLT", "level 3 halted");
    define(EL3RST, "EL3RST", "level 3 reset");
    define(ELNRNG, "ELNRNG", "link number out of range");
    define(EUNATCH, "EUNATCH", "protocol driver not attached");
    define(ENOCSI, "ENOCSI", "no CSI structure available");
    define(EL2HLT, "EL2HLT", "level 2 halted");
    define(EBADE, "EBADE", "invalid exchange");
    define(EBADR, "EBADR", "invalid request descriptor");
    define(EXFULL, "EXFULL", "exchange full");
    define(ENOANO, "ENOANO", "no anode");
    define(EBADRQC, "EBADRQC", "invalid request code");
    define(EBADSLT, "EBADSLT", "invalid slot");
    define(EBFONT, "EBFONT", "bad font file format");
    define(ENOSTR, "ENOSTR", "device not a stream");
    define(ENODATA, "ENODATA", "no data available");
    define(ETIME, "ETIME", "timer expired");
    define(ENOSR, "ENOSR", "out of streams resources");
    define(ENONET, "ENONET", "machine is not on the network");
    define(ENOPKG, "ENOPKG", "package not installed");
    define(EREMOTE, "EREMOTE", "object is remote");
    define(ENOLINK, "ENOLINK", "link has been severed");
    define(EADV, "EADV", "advertise error");
    define(ESRMNT, "ESRMNT", "srmount error");
    define(ECOMM, "ECOMM", "communication error on send");
    define(EPROTO, "EPROTO", "protocol error");
    define(EMULTIHOP, "EMULTIHOP", "multihop attempted");
    define(EDOTDOT, "EDOTDOT", "RFS specific error");
    define(EBADMSG, "EBADMSG", "bad message");
    define(EOVERFLOW, "EOVERFLOW", "value too large for defined data type");
    define(ENOTUNIQ, "ENOTUNIQ", "name not unique on network");
    define(EBADFD, "EBADFD", "file descriptor in bad state");
    define(EREMCHG, "EREMCHG", "remote address changed");
    define(ELIBACC, "ELIBACC", "can not access a needed shared library");
    define(ELIBBAD, "ELIBBAD", "accessing a corrupted shared library");
    define(ELIBSCN, "ELIBSCN", ".lib section in a.out corrupted");
    define(ELIBMAX, "ELIBMAX", "attempting to link in too many shared libraries");
    define(ELIBEXEC, "ELIBEXEC", "cannot exec a shared library directly");
    define(EILSEQ, "EILSEQ", "invalid or incomplete multibyte or wide character");
    define(ERESTART, "ERESTART", "interrupted system call should be restarted");
    define(ESTRPIPE, "ESTRPIPE", "streams pipe error");
    define(EUSERS, "EUSERS", "too many users");
    define(ENOTSOCK, "ENOTSOCK", "socket operation on non-socket");
    define(EDESTADDRREQ, "EDESTADDRREQ", "destination address required");
    define(EMSGSIZE, "EMSGSIZE", "message too long");
    define(EPROTOTYPE, "EPROTOTYPE", "protocol wrong type for socket");
    define(ENOPROTOOPT, "ENOPROTOOPT", "protocol not available");
    define(EPROTONOSUPPORT, "EPROTONOSUPPORT", "protocol not supported");
    define(ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "socket type not supported");
    define(ENOTSUP, "ENOTSUP", "operation not supported");
    define(EPFNOSUPPORT, "EPFNOSUPPORT", "protocol family not supported");
    define(EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported by protocol");
    define(EADDRINUSE, "EADDRINUSE", "address already in use");
    define(EADDRNOTAVAIL, "EADDRNOTAVAIL", "cannot assign requested address");
    define(ENETDOWN, "ENETDOWN", "network is down");
    define(ENETUNREACH, "ENETUNREACH", "network is unreachable");
    define(ENETRESET, "ENETRESET", "network dropped connection on reset");
    define(ECONNABORTED, "ECONNABORTED", "software caused connection abort");
    define(ECONNRESET, "ECONNRESET", "connection reset by peer");
    define(ENOBUFS, "ENOBUFS", "no buffer space available");
    define(EISCONN, "EISCONN", "transport endpoint is already connected");
    define(ENOTCONN, "ENOTCONN", "transport endpoint is not connected");
    define(ESHUTDOWN, "ESHUTDOWN", "cannot send after transport endpoint shutdown");
    define(ETOOMANYREFS, "ETOOMANYREFS", "too many references: cannot splice");
    define(ETIMEDOUT, "ETIMEDOUT", "connection timed out");
    define(ECONNREFUSED, "ECONNREFUSED", "connection refused");
    define(EHOSTDOWN, "EHOSTDOWN", "host is down");
    define(EHOSTUNREACH, "EHOSTUNREACH", "no route to host");
    define(EALREADY, "EALREADY", "operation already in progress");
    define(EINPROGRESS, "EINPROGRESS", "operation now in progress");
    define(ESTALE, "ESTALE", "stale file handle");
    define(EUCLEAN, "EUCLEAN", "structure needs cleaning");
    define(ENOTNAM, "ENOTNAM", "not a XENIX named type file");
    define(ENAVAIL, "ENAVAIL", "no XENIX semaphores available");
    define(EISNAM, "EISNAM", "is a named type file");
    define(EREMOTEIO, "EREMOTEIO", "remote I/O error");
    define(EDQUOT, "EDQUOT", "disk quota exceeded");
    define(ENOMEDIUM, "ENOMEDIUM", "no medium found");
    define(EMEDIUMTYPE, "EMEDIUMTYPE", "wrong medium type");
    define(ECANCELED, "ECANCELED", "operation canceled");
    define(ENOKEY, "ENOKEY", "required key not available");
    define(EKEYEXPIRED, "EKEYEXPIRED", "key has expired");
    define(EKEYREVOKED, "EKEYREVOKED", "key has been revoked");
    define(EKEYREJECTED, "EKEYREJECTED", "key was rejected by service");
    define(EOWNERDEAD, "EOWNERDEAD", "owner died");
    define(ENOTRECOVERABLE, "ENOTRECOVERABLE", "state not recoverable");
    define(ERFKILL, "ERFKILL", "operation not possible due to RF-kill");
  }

  private Errno() {}

  private static void define(int number, String name, String text) {
    NAMES.put(number, name);
    TEXTS.put(number, text);
  }

  /** The symbolic name, or {@code errno 200} for a number that has none. */
  public static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }

  /** Name and meaning: {@code ENOENT (no such file or directory)}. */
  public static String describe(int errno) {
    String text = TEXTS.get(errno);
    return text == null ? name(errno) : name(errno) + " (" + text + ")";
  }

  /**
   * The number of a message of strerror(3), which is all that the JDK's exceptions keep of it; 0
   * where there is none.
   */
  public static int ofText(String text) {
    return TEXTS.entrySet().stream()
        .filter(e -> e.getValue().equalsIgnoreCase(text))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(0);
  }

  /** The number of a symbolic name such as {@code EPERM}; 0 where there is none. */
  public static int number(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    return NAMES.entrySet().stream()
        .filter(e -> e.getValue().equals(wanted))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(0);
  }
}
