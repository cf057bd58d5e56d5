package dev.pinnace.internal.copy;

import dev.pinnace.internal.layer.LayerApplier;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarType;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Puts the entries of an archive below a directory, and gives them their owners.
 *
 * @param isKept whether the directory keeps its own attributes, whatever the archive says of it
 */
record EntryPlaces(String directory, boolean isKept, EntryOwners owners)
    implements LayerApplier.Adaptation {
  private static final Pattern ITSELF = Pattern.compile("[./]*");

  @Override
  public Optional<TarEntry> of(TarEntry entry) {
    if (isKept && ITSELF.matcher(entry.name()).matches() && !entry.name().contains("..")) {
      return Optional.empty();
    }
    return owners
        .of(entry)
        .map(
            owned ->
                owned.at(
                    below(owned.name()),
                    owned.type() == TarType.HARDLINK ? below(owned.linkName()) : owned.linkName()));
  }

  private String below(String name) {
    String relative = name.startsWith("./") ? name.substring(2) : name.equals(".") ? "" : name;
    return directory.isEmpty() || relative.isEmpty()
        ? directory + relative
        : directory + "/" + relative;
  }
}
