package dev.pinnace.internal.image;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds an image as Docker does: a whole id first, then a name, then the beginning of an id. A name
 * with a digest finds the image by the digest, if it has a name in that repository.
 */
final class ImageLookup {
  private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?[0-9a-f]{1,64}");
  private static final String SHA256 = "sha256:";

  private final Map<Descriptor, List<ImageReference>> images;
  private final NameTable names;
  private final ImageReader reader;

  ImageLookup(NameTable names, ImageReader reader) {
    this.names = names;
    this.images = names.images();
    this.reader = reader;
  }

  Optional<ListedImage> find(String nameOrId) throws IOException {
    boolean mayBeId = mayBeId(nameOrId);
    String hex = hex(nameOrId);
    if (isId(nameOrId)) {
      return byId(nameOrId, hex);
    }
    ImageReference name = parse(nameOrId, mayBeId);
    if (name != null) {
      Optional<ListedImage> named = byName(name);
      if (named.isPresent()) {
        return named;
      }
    }
    return mayBeId ? byId(nameOrId, hex) : Optional.empty();
  }

  private static boolean mayBeId(String nameOrId) {
    return ID_PREFIX.matcher(nameOrId).matches();
  }

  private static boolean isId(String nameOrId) {
    return mayBeId(nameOrId) && (nameOrId.startsWith(SHA256) || hex(nameOrId).length() == 64);
  }

  private static String hex(String nameOrId) {
    return nameOrId.startsWith(SHA256) ? nameOrId.substring(SHA256.length()) : nameOrId;
  }

  private static @Nullable ImageReference parse(String text, boolean mayBeId) {
    try {
      return ImageReference.parse(text).withDefaultTag();
    } catch (InvalidSpecException refusal) {
      if (mayBeId) {
        return null;
      }
      throw refusal;
    }
  }

  private Optional<ListedImage> byName(ImageReference name) throws IOException {
    Optional<Descriptor> exact = names.find(name);
    if (exact.isPresent()) {
      return Optional.of(listed(exact.get()));
    }
    if (name.digest().isEmpty()) {
      return Optional.empty();
    }
    Digest digest = name.digest().get();
    List<ListedImage> found = new ArrayList<>();
    for (Map.Entry<Descriptor, List<ImageReference>> image : images.entrySet()) {
      boolean inRepository =
          image.getValue().stream().anyMatch(other -> other.repository().equals(name.repository()));
      if (inRepository) {
        ListedImage candidate = listed(image.getKey());
        if (candidate.target().digest().equals(digest)
            || candidate.image().filter(i -> i.manifestDigest().equals(digest)).isPresent()) {
          found.add(candidate);
        }
      }
    }
    return preferred(found);
  }

  /** Of one index's images for several platforms, the one for this host. */
  private static Optional<ListedImage> preferred(List<ListedImage> found) {
    return found.stream()
        .filter(
            listed -> listed.image().filter(i -> Platform.host().runs(i.platform())).isPresent())
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /** By id, or by the whole digest of manifest or index. */
  private Optional<ListedImage> byId(String asked, String prefix) throws IOException {
    List<ListedImage> found = new ArrayList<>();
    for (Descriptor target : images.keySet()) {
      ListedImage image = listed(target);
      if (image.isCalled(prefix)) {
        found.add(image);
      }
    }
    boolean isDigest =
        found.stream().allMatch(image -> image.target().digest().hex().equals(prefix));
    if (!isDigest && found.stream().map(ListedImage::id).distinct().count() > 1) {
      throw new InvalidSpecException(
          "\""
              + asked
              + "\" is the beginning of several ids: "
              + found.stream().map(image -> image.id().shortHex()).collect(Collectors.joining(", "))
              + "; write more of it");
    }
    return preferred(found);
  }

  private ListedImage listed(Descriptor target) throws IOException {
    return reader.list(target, images.getOrDefault(target, List.of()));
  }

  /** Whether {@code image} was asked for by its id, not by a name or the digest of a manifest. */
  static boolean isById(String nameOrId, ListedImage image) {
    return namesOf(nameOrId, image).isEmpty() && image.id().hex().startsWith(hex(nameOrId));
  }

  /**
   * The names by which {@code image} was asked for: that one, or with a digest those in its
   * repository, of which a tag chooses one. Empty when it was an id.
   */
  static List<ImageReference> namesOf(String nameOrId, ListedImage image) {
    ImageReference name = isId(nameOrId) ? null : parse(nameOrId, mayBeId(nameOrId));
    if (name != null && image.names().contains(name)) {
      return List.of(name);
    }
    if (name == null || name.digest().isEmpty()) {
      return List.of();
    }
    List<ImageReference> inRepository =
        image.names().stream()
            .filter(other -> other.repository().equals(name.repository()))
            .toList();
    List<ImageReference> tagged =
        inRepository.stream()
            .filter(other -> name.tag().isPresent() && other.tag().equals(name.tag()))
            .toList();
    return tagged.isEmpty() ? inRepository : tagged;
  }
}
