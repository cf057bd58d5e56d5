package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.spec.Owner;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The options of a mount, sorted by who understands them.
 *
 * @param attributes of the mount, and of those below it if it is recursive
 * @param topAttributes of the mount alone
 * @param propagation MS_SHARED or MS_SLAVE; empty where no mount goes in or out
 * @param recursive whether a bind takes the mounts below its source along
 * @param file whether a bind's source is not a directory
 * @param subPath what of the source is bound
 * @param owner of the host who is root in the container
 * @param volume of which this is a mount, for messages; empty for others
 * @param filesystem {@code key} or {@code key=value} for the file system
 */
record MountOptions(
    List<Named> attributes,
    List<Named> topAttributes,
    Optional<Named> propagation,
    boolean recursive,
    boolean file,
    Optional<String> subPath,
    Optional<Owner> owner,
    Optional<String> volume,
    List<String> filesystem) {
  /** Said by the engine, which has looked: the source of a bind is not a directory. */
  static final String FILE = "x-pinnace.file";

  /** Said by the engine: what is mounted below a read-only bind stays as it is. */
  static final String WRITABLE_BELOW = "x-pinnace.writable-below";

  /** Said by the engine, with what follows: what of the source is bound. */
  static final String SUB_PATH = "x-pinnace.subpath=";

  /** Said by the engine, with {@code UID:GID}: who of the host is root in the container. */
  static final String OWNER = "x-pinnace.owner=";

  /** Said by the engine, with what follows: which volume this is. */
  static final String VOLUME = "x-pinnace.volume=";

  /** Said by the engine: the file system itself is read-only. */
  static final String READ_ONLY_FILES = "x-pinnace.read-only-files";

  private static final Set<String> DEFAULTS =
      Set.of("bind", "rbind", "relatime", "defaults", FILE, WRITABLE_BELOW);

  /** tmpfs(5), as far as it is the same on every kernel. */
  private static final Map<String, Pattern> TMPFS =
      Map.of(
          "size", Pattern.compile("[0-9]+([kKmMgGtTpPeE]|%)?"),
          "nr_blocks", Pattern.compile("[0-9]+[kKmMgGtTpPeE]?"),
          "nr_inodes", Pattern.compile("[0-9]+[kKmMgGtTpPeE]?"),
          "mode", Pattern.compile("[0-7]{1,5}"),
          "uid", Pattern.compile("[0-9]+"),
          "gid", Pattern.compile("[0-9]+"),
          "huge", Pattern.compile("never|always|within_size|advise"),
          "mpol", Pattern.compile(".+"));

  private static final Set<String> COUNTS = Set.of("size", "nr_blocks", "nr_inodes");

  /**
   * Reads options of mount(8); of two that contradict each other the last counts.
   *
   * @throws InvalidSpecException for one that a bind mount or a tmpfs does not know
   */
  static MountOptions parse(String type, List<String> options) {
    Set<Named> attributes = new LinkedHashSet<>();
    Optional<Named> propagation = Optional.empty();
    Optional<String> subPath = Optional.empty();
    Optional<Owner> owner = Optional.empty();
    Optional<String> volume = Optional.empty();
    List<String> filesystem = new ArrayList<>();
    for (String option : options) {
      switch (option) {
        case "ro" -> attributes.add(MOUNT_ATTR_RDONLY);
        case "nosuid" -> attributes.add(MOUNT_ATTR_NOSUID);
        case "nodev" -> attributes.add(MOUNT_ATTR_NODEV);
        case "noexec" -> attributes.add(MOUNT_ATTR_NOEXEC);
        case READ_ONLY_FILES -> filesystem.add("ro");
        case "rw" -> attributes.remove(MOUNT_ATTR_RDONLY);
        case "suid" -> attributes.remove(MOUNT_ATTR_NOSUID);
        case "dev" -> attributes.remove(MOUNT_ATTR_NODEV);
        case "exec" -> attributes.remove(MOUNT_ATTR_NOEXEC);
        case "private", "rprivate" -> propagation = Optional.empty();
        case "slave", "rslave" -> propagation = Optional.of(MS_SLAVE);
        case "shared", "rshared" -> propagation = Optional.of(MS_SHARED);
        default -> {
          if (option.startsWith(SUB_PATH)) {
            subPath = Optional.of(option.substring(SUB_PATH.length()));
          } else if (option.startsWith(VOLUME)) {
            volume = Optional.of(option.substring(VOLUME.length()));
          } else if (option.startsWith(OWNER)) {
            owner = Optional.of(Owner.parse(option.substring(OWNER.length())));
          } else if (!DEFAULTS.contains(option)) {
            filesystem.add(option);
          }
        }
      }
    }
    if (type.equals("bind") && !filesystem.isEmpty()) {
      throw new InvalidSpecException(
          volume.map(name -> "volume " + name + ": ").orElse("")
              + "a bind mount does not know the option "
              + filesystem.get(0)
              + ": ro, rw, nosuid, nodev, noexec, bind, rbind, private, rprivate, slave, rslave,"
              + " shared and rshared are known");
    }
    if (!type.equals("bind") && propagation.isPresent()) {
      throw new InvalidSpecException(
          volume.map(name -> "volume " + name + ": ").orElse("")
              + "a "
              + type
              + " is the container's own: only a bind mount propagates");
    }
    if (type.equals("tmpfs")) {
      String where = volume.map(name -> "volume " + name + ": ").orElse("");
      filesystem.stream()
          .filter(option -> !option.equals("ro"))
          .forEach(option -> checkTmpfs(where, option));
    }
    boolean top = options.contains(WRITABLE_BELOW) && attributes.remove(MOUNT_ATTR_RDONLY);
    return new MountOptions(
        List.copyOf(attributes),
        top ? List.of(MOUNT_ATTR_RDONLY) : List.of(),
        propagation,
        !options.contains("bind"),
        options.contains(FILE),
        subPath,
        owner,
        volume,
        filesystem);
  }

  /** Whether what is mounted in the container appears on the host too. */
  boolean isShared() {
    return propagation.filter(MS_SHARED::equals).isPresent();
  }

  private static void checkTmpfs(String where, String option) {
    String[] sides = option.split("=", 2);
    Pattern values = TMPFS.get(sides[0]);
    if (values == null) {
      throw new InvalidSpecException(
          where
              + "a tmpfs does not know the option "
              + option
              + ": ro, rw, suid, nosuid, dev, nodev, exec, noexec, "
              + TMPFS.keySet().stream().sorted().collect(Collectors.joining("=, ", "", "="))
              + " are known");
    }
    if (sides.length < 2 || !values.matcher(sides[1]).matches()) {
      throw new InvalidSpecException(
          where + "a tmpfs cannot have " + option + ": the value must fit " + values);
    }
    if (COUNTS.contains(sides[0]) && count(sides[1]).bitLength() >= Long.SIZE) {
      throw new InvalidSpecException(
          where + "a tmpfs cannot have " + option + ": that is more than " + Long.MAX_VALUE);
    }
  }

  /** As memparse() of the kernel reads it, which goes on with what 64 bits hold of more. */
  private static BigInteger count(String value) {
    String digits = value.replaceFirst("[^0-9]$", "");
    int power = "kmgtpe".indexOf(Character.toLowerCase(value.charAt(value.length() - 1))) + 1;
    return new BigInteger(digits).shiftLeft(10 * power);
  }
}
