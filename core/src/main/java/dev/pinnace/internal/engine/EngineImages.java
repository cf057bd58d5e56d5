package dev.pinnace.internal.engine;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Images of an engine. */
final class EngineImages implements Images {
  private final Services services;

  EngineImages(Services services) {
    this.services = services;
  }

  private Parts parts() {
    return services.open().parts();
  }

  private record Handle(StoredImage stored) implements Image {
    @Override
    public Digest id() {
      return stored.id();
    }

    @Override
    public List<String> references() {
      return stored.names().stream().map(ImageReference::familiar).toList();
    }

    @Override
    public ImageConfig config() {
      return stored.config();
    }

    @Override
    public long size() {
      return stored.size();
    }

    @Override
    public String toString() {
      List<String> names = references();
      return "image " + (names.isEmpty() ? "" : names.get(0) + " ") + "(" + id().shortHex() + ")";
    }
  }

  @Override
  public List<Image> load(Path archive) {
    return parts().images().load(archive).stream().<Image>map(Handle::new).toList();
  }

  @Override
  public List<Image> load(InputStream archive) {
    try {
      Path copy = Files.createTempFile(parts().layout().run(), "load-", ".tar");
      try {
        Files.copy(archive, copy, StandardCopyOption.REPLACE_EXISTING);
        return parts().images().load(copy, "the stream").stream().<Image>map(Handle::new).toList();
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new PinnaceException("cannot copy the archive from the stream: " + e.getMessage(), e);
    }
  }

  @Override
  public HostImage host(String... programs) {
    return new Host(dev.pinnace.internal.image.host.HostImage.of(programs));
  }

  private final class Host implements HostImage {
    private dev.pinnace.internal.image.host.HostImage wanted;

    private Host(dev.pinnace.internal.image.host.HostImage wanted) {
      this.wanted = wanted;
    }

    @Override
    public HostImage with(Path path) {
      wanted = wanted.with(path);
      return this;
    }

    @Override
    public HostImage named(String reference) {
      wanted = wanted.named(ImageReference.parse(reference));
      return this;
    }

    @Override
    public Image build() {
      return new Handle(parts().images().fromHost(wanted));
    }
  }

  @Override
  public Image get(String reference) {
    return new Handle(parts().images().get(reference));
  }

  @Override
  public Optional<Image> find(String reference) {
    return parts().images().find(reference).map(Handle::new);
  }

  @Override
  public List<ImageSummary> list() {
    return parts().images().list().stream()
        .map(
            image ->
                new ImageSummary(
                    image.id(),
                    image.names().stream().map(ImageReference::familiar).toList(),
                    image.config().created(),
                    image.size()))
        .toList();
  }

  @Override
  public Image tag(String image, String newReference) {
    return new Handle(parts().images().tag(image, ImageReference.parse(newReference)));
  }

  @Override
  public void remove(String reference, boolean force) {
    StoredImage image = parts().images().get(reference);
    List<ContainerRecord> containers = containers();
    List<String> users =
        containers.stream()
            .filter(r -> r.imageId().equals(image.id()))
            .map(ContainerRecord::name)
            .toList();
    if (!users.isEmpty() && !force && image.names().size() <= 1) {
      throw new ConflictException(
          "the image "
              + reference
              + " is used by "
              + String.join(", ", users)
              + ": remove them first, or force the removal");
    }
    parts().images().remove(reference, force);
    Set<Digest> inUse =
        containers.stream()
            .map(ContainerRecord::topLayer)
            .flatMap(Optional::stream)
            .collect(Collectors.toSet());
    parts().images().collect(inUse);
  }

  /**
   * Every one: what a container uses whose record is damaged is not known.
   *
   * @throws dev.pinnace.error.CorruptException then
   */
  private List<ContainerRecord> containers() {
    return parts().store().ids().stream()
        .map(parts().store()::read)
        .flatMap(Optional::stream)
        .toList();
  }
}
