package dev.pinnace.internal.copy;

import dev.pinnace.internal.layer.LayerApplier;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarType;
import dev.pinnace.linux.file.FileName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts the entries of an archive below a directory, and gives them their owners. One use. */
final class EntryPlaces implements LayerApplier.Adaptation {
  private final String directory;
  private final boolean isKept;
  private final EntryOwners owners;
  private final Runnable wanted;
  private final Set<String> leftOut = new HashSet<>();

  /**
   * Begins.
   *
   * @param isKept whether the directory keeps its own attributes, whatever the archive says of it
   * @param wanted called before each entry; what it throws ends the copy
   */
  EntryPlaces(String directory, boolean isKept, EntryOwners owners, Runnable wanted) {
    this.directory = directory;
    this.isKept = isKept;
    this.owners = owners;
    this.wanted = wanted;
  }

  @Override
  public Optional<TarEntry> of(TarEntry entry) {
    wanted.run();
    if (isKept && TreePath.components(entry.name()).isEmpty()) {
      return Optional.empty();
    }
    Optional<TarEntry> owned = owners.of(entry);
    boolean isLink = entry.type() == TarType.HARDLINK;
    if (owned.isEmpty() || (isLink && leftOut.contains(below(entry.linkName())))) {
      leftOut.add(below(entry.name()));
      return Optional.empty();
    }
    return owned.map(
        place ->
            place.at(below(place.name()), isLink ? below(place.linkName()) : place.linkName()));
  }

  @Override
  public Optional<TarEntry> implied() {
    return owners.of(TarEntry.directory(directory));
  }

  /** What was left out, in words. */
  List<String> leftOut() {
    List<String> sentences = new ArrayList<>();
    leftOut.stream()
        .sorted()
        .forEach(name -> sentences.add("device " + FileName.display("/" + name) + " was left out"));
    return sentences;
  }

  private String below(String name) {
    String relative = name.startsWith("./") ? name.substring(2) : name.equals(".") ? "" : name;
    return directory.isEmpty() || relative.isEmpty()
        ? directory + relative
        : directory + "/" + relative;
  }
}
