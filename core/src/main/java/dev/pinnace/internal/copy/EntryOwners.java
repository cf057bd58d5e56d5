package dev.pinnace.internal.copy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.layer.IdMap;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.linux.file.FileName;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whose copies become. What comes from a container must not give anybody on the host what its owner
 * could not: unless owners are kept, set-user-ID and set-group-ID bits and capabilities of files
 * are dropped, and devices left out.
 */
public final class EntryOwners {
  private final IdMap ids;
  private final boolean kept;
  private final boolean settable;
  private final boolean contained;

  private EntryOwners(IdMap ids, boolean kept, boolean settable, boolean contained) {
    this.ids = ids;
    this.kept = kept;
    this.settable = settable;
    this.contained = contained;
  }

  /**
   * Of copies in a container: its root's.
   *
   * @param ids whose its files are on the disk
   * @param kept whether they are those of the source instead
   * @param settable whether this process may give files away
   */
  public static EntryOwners inContainer(IdMap ids, boolean kept, boolean settable) {
    return new EntryOwners(ids, kept, settable, false);
  }

  /** Of copies on the host: this process's, or those of the source if they are kept. */
  public static EntryOwners onHost(boolean kept) {
    return new EntryOwners(IdMap.NONE, kept, kept, true);
  }

  /** Whether what is copied comes from a stranger. */
  boolean contained() {
    return contained;
  }

  LayerOptions.Ownership ownership() {
    return settable ? LayerOptions.Ownership.KEEP : LayerOptions.Ownership.SQUASH;
  }

  /** The entry with its owner; empty where it is left out. */
  Optional<TarEntry> of(TarEntry entry) {
    if (!contained) {
      return Optional.of(
          entry.withOwner(
              stored(entry, ids.storedUser(kept ? entry.uid() : 0), "user", entry.uid()),
              stored(entry, ids.storedGroup(kept ? entry.gid() : 0), "group", entry.gid())));
    }
    if (kept) {
      return Optional.of(entry);
    }
    return entry.type().isDevice()
        ? Optional.empty()
        : Optional.of(
            entry
                .withPermissions(entry.permissions() & 01777)
                .withXattrs(harmless(entry.xattrs())));
  }

  private static int stored(TarEntry entry, Optional<Integer> id, String what, int wanted) {
    return id.orElseThrow(
        () ->
            new InvalidSpecException(
                FileName.display(entry.name())
                    + " belongs to "
                    + what
                    + " "
                    + Integer.toUnsignedString(wanted)
                    + ", which the container's user map does not have: copy without owners"));
  }

  private static Map<String, byte[]> harmless(Map<String, byte[]> xattrs) {
    Map<String, byte[]> left = new TreeMap<>(xattrs);
    left.keySet().removeIf(name -> !name.startsWith("user.") && !name.startsWith("system.posix_"));
    return left;
  }
}
