package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.spec.NamespaceSpec.UserMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Users and groups of an image, from its passwd(5) and group(5). The files are read in the image's
 * root, without waiting and not beyond a limit, for an image may have links, pipes or endless files
 * there (CVE-2024-9676). Numbers are never looked up as names (CVE-2024-40635).
 */
public final class Users {
  private static final int LIMIT = 4 * 1024 * 1024;
  private static final long MAX_ID = 0xFFFF_FFFEL;
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.][A-Za-z0-9_.@-]*[$]?");

  /** Nobody: numbers alone can be resolved, and root's home is {@code /root}. */
  public static final Users NONE = new Users(List.of(), List.of());

  private final List<String[]> passwd;
  private final List<String[]> group;

  private Users(List<String[]> passwd, List<String[]> group) {
    this.passwd = passwd;
    this.group = group;
  }

  /**
   * Who a process is.
   *
   * @param groups the additional groups; {@code gid} is one of them
   * @param home the user's home directory; {@code /} for one that is not in passwd
   */
  public record Identity(long uid, long gid, List<Long> groups, String home) {
    /** Root where there is no other id, and no additional group can be set. */
    public static final Identity ONLY_ROOT = new Identity(0, 0, List.of(), "/root");

    /** Root with its own group and no other. */
    public static final Identity ROOT = new Identity(0, 0, List.of(0L), "/root");

    public Identity {
      groups = List.copyOf(groups);
    }
  }

  /** Reads the files below {@code root}; missing ones are empty. */
  public static Users in(Dir root) {
    return new Users(read(root, "etc/passwd"), read(root, "etc/group"));
  }

  private static List<String[]> read(Dir root, String file) {
    try (Fd found = root.openFollowing(file, Fcntl.O_PATH, 0);
        Fd fd = reopen(found, file)) {
      byte[] bytes = fd.readAll(LIMIT + 1);
      if (bytes.length > LIMIT) {
        throw new InvalidSpecException(
            "/"
                + file
                + " of the image is larger than "
                + LIMIT
                + " bytes: users cannot be looked up");
      }
      List<String[]> lines = new ArrayList<>();
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
        lines.add(line.split(":", -1));
      }
      return lines;
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENXIO)) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * Nothing but a regular file is opened for reading: to open a device may already do something.
   */
  private static Fd reopen(Fd found, String file) {
    if (!Inode.stat(found).isRegular()) {
      throw new InvalidSpecException(
          "/" + file + " of the image is not a regular file: users cannot be looked up");
    }
    return Inode.openForReading(found);
  }

  /**
   * Finds {@code name}, {@code uid}, {@code name:group} or {@code uid:gid}; empty text is root.
   *
   * @param additional groups that are asked for
   * @param map the container's; other groups of which the user is a member are left out, for a
   *     process that they are not mapped for cannot have them
   * @throws NotFoundException if the image has no such user or group
   * @throws InvalidSpecException for anything else
   */
  public Identity resolve(String text, List<String> additional, Optional<UserMap> map) {
    String[] sides = text.split(":", -1);
    if (sides.length > 2 || (text.contains(":") && (sides[0].isEmpty() || sides[1].isEmpty()))) {
      throw new InvalidSpecException(
          "\"" + text + "\" is not a user: write name, uid, name:group or uid:gid");
    }
    String user = sides[0].isEmpty() ? "0" : sides[0];
    boolean numeric = NUMBER.matcher(user).matches();
    Optional<String[]> entry = find(passwd, user, numeric, 7);
    if (!numeric && entry.isEmpty()) {
      throw unknown("user", user, "/etc/passwd");
    }
    long uid = numeric ? id("user", user) : id("user", entry.orElseThrow()[2]);
    TreeSet<Long> groups = new TreeSet<>();
    long gid;
    if (sides.length == 2) {
      gid = group(sides[1]);
    } else {
      gid = entry.map(e -> id("group", e[3])).orElse(0L);
      entry.stream()
          .flatMap(e -> memberships(e[0]).stream())
          .filter(id -> map.isEmpty() || map.get().has(id))
          .forEach(groups::add);
    }
    additional.forEach(g -> groups.add(group(g)));
    // A group by which a file excludes its members must not be left by leaving it out
    // (CVE-2022-36109).
    groups.add(gid);
    return new Identity(
        uid,
        gid,
        List.copyOf(groups),
        entry.map(e -> e[5]).filter(h -> h.startsWith("/")).orElse(uid == 0 ? "/root" : "/"));
  }

  private List<Long> memberships(String user) {
    return group.stream()
        .filter(
            g ->
                g.length >= 4
                    && List.of(g[3].split(",", -1)).contains(user)
                    && NUMBER.matcher(g[2]).matches())
        .map(g -> id("group", g[2]))
        .toList();
  }

  private long group(String text) {
    if (NUMBER.matcher(text).matches()) {
      return id("group", text);
    }
    return find(group, text, false, 3)
        .map(g -> id("group", g[2]))
        .orElseThrow(() -> unknown("group", text, "/etc/group"));
  }

  private static Optional<String[]> find(
      List<String[]> lines, String key, boolean numeric, int fields) {
    if (!numeric && !NAME.matcher(key).matches()) {
      throw new InvalidSpecException("\"" + key + "\" is not a name of a user or group");
    }
    Predicate<String[]> same =
        numeric
            ? f -> NUMBER.matcher(f[2]).matches() && number(f[2]) == number(key)
            : f -> f[0].equals(key);
    return lines.stream().filter(f -> f.length >= fields).filter(same).findFirst();
  }

  private static long number(String text) {
    return text.length() > 10 ? Long.MAX_VALUE : Long.parseLong(text);
  }

  private static long id(String what, String text) {
    long id = NUMBER.matcher(text).matches() ? number(text) : Long.MAX_VALUE;
    if (id > MAX_ID) {
      throw new InvalidSpecException(
          "there is no " + what + " " + text + ": ids lie between 0 and " + MAX_ID);
    }
    return id;
  }

  private static NotFoundException unknown(String what, String name, String file) {
    return new NotFoundException(
        "no " + what + " \"" + name + "\" in " + file + " of the image; give a number instead");
  }
}
