package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "df",
    description = {
      "Shows what takes space on the disk.",
      "Images count with their unpacked layers, as in \"images\"; what they came as, and are pushed"
          + " and saved as, are the blobs. What several images share counts once.",
      "RECLAIMABLE is what no container needs, and of containers what does not run."
    })
final class DiskUsageCommand extends EngineCommand {
  private static final String NONE = "<none>";

  private static final Listing KINDS =
      new Listing(
          Map.of(
              "Type", "TYPE",
              "TotalCount", "TOTAL",
              "Active", "ACTIVE",
              "Size", "SIZE",
              "Reclaimable", "RECLAIMABLE"),
          List.of("Type", "TotalCount", "Active", "Size", "Reclaimable"));

  private static final Listing IMAGES =
      new Listing(
          Map.of(
              "Repository", "REPOSITORY",
              "Tag", "TAG",
              "ID", "IMAGE ID",
              "CreatedSince", "CREATED",
              "Size", "SIZE",
              "SharedSize", "SHARED SIZE",
              "UniqueSize", "UNIQUE SIZE",
              "Containers", "CONTAINERS"),
          List.of(
              "Repository",
              "Tag",
              "ID",
              "CreatedSince",
              "Size",
              "SharedSize",
              "UniqueSize",
              "Containers"));

  private static final Listing CONTAINERS =
      new Listing(
          Map.of(
              "ID", "CONTAINER ID",
              "Image", "IMAGE",
              "Size", "SIZE",
              "CreatedSince", "CREATED",
              "Status", "STATUS",
              "Names", "NAMES"),
          List.of("ID", "Image", "Size", "CreatedSince", "Status", "Names"));

  private static final Listing VOLUMES =
      new Listing(
          Map.of("Name", "VOLUME NAME", "Links", "LINKS", "Size", "SIZE"),
          List.of("Name", "Links", "Size"));

  @Option(
      names = {"-v", "--verbose"},
      description = "Image by image, container by container and volume by volume.")
  private boolean verbose;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Type}}, {{.Size}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    if (verbose && format.isPresent()) {
      throw new InvalidSpecException("--verbose and --format go not together: choose one");
    }
    DiskUsage usage = pinnace.diskUsage();
    if (verbose) {
      printAll(usage);
    } else {
      KINDS.print(
          out(), format, List.of(images(usage), containers(usage), volumes(usage), blobs(usage)));
    }
    return OK;
  }

  private static Map<String, String> images(DiskUsage usage) {
    long total = usage.images().stream().map(image -> image.image().id()).distinct().count();
    long active =
        usage.images().stream()
            .filter(image -> image.containers() > 0)
            .map(image -> image.image().id())
            .distinct()
            .count();
    return kind("Images", total, active, usage.imagesTotal(), usage.imagesReclaimable());
  }

  private static Map<String, String> containers(DiskUsage usage) {
    long active = usage.containers().stream().filter(c -> c.state().status().isAlive()).count();
    return kind(
        "Containers",
        usage.containers().size(),
        active,
        usage.containersTotal(),
        usage.containersReclaimable());
  }

  private static Map<String, String> volumes(DiskUsage usage) {
    long active = usage.volumes().stream().filter(volume -> volume.state().isUsed()).count();
    return kind(
        "Local Volumes",
        usage.volumes().size(),
        active,
        usage.volumesTotal(),
        usage.volumesReclaimable());
  }

  private static Map<String, String> blobs(DiskUsage usage) {
    DiskUsage.BlobUsage blobs = usage.blobs();
    return kind("Blobs", blobs.count(), blobs.active(), blobs.size(), blobs.reclaimable());
  }

  private static Map<String, String> kind(
      String type, long total, long active, Bytes size, Bytes reclaimable) {
    String share = size.count() == 0 ? "" : " (" + 100 * reclaimable.count() / size.count() + "%)";
    return Map.of(
        "Type", type,
        "TotalCount", Long.toString(total),
        "Active", Long.toString(active),
        "Size", Sizes.of(size),
        "Reclaimable", Sizes.of(reclaimable) + share);
  }

  private void printAll(DiskUsage usage) {
    Instant now = Instant.now();
    out().println("Images space usage:\n");
    IMAGES.print(
        out(), Optional.empty(), usage.images().stream().map(image -> row(image, now)).toList());
    out().println("\nContainers space usage:\n");
    CONTAINERS.print(
        out(),
        Optional.empty(),
        usage.containers().stream().map(container -> row(container, now)).toList());
    out().println("\nLocal Volumes space usage:\n");
    VOLUMES.print(
        out(), Optional.empty(), usage.volumes().stream().map(DiskUsageCommand::row).toList());
    out().println("\nBlobs usage: " + Sizes.of(usage.blobs().size()));
  }

  private static Map<String, String> row(DiskUsage.ImageUsage usage, Instant now) {
    ImageSummary image = usage.image();
    Optional<ImageReference> name =
        image.references().stream().findFirst().map(ImageReference::parse);
    return Map.of(
        "Repository", name.map(ImageReference::familiarName).orElse(NONE),
        "Tag", name.flatMap(ImageReference::tag).orElse(NONE),
        "ID", image.id().shortHex(),
        "CreatedSince", image.created().map(at -> Times.ago(at, now)).orElse("N/A"),
        "Size", Sizes.brief(usage.size()),
        "SharedSize", Sizes.of(usage.shared()),
        "UniqueSize", Sizes.of(usage.unique()),
        "Containers", Integer.toString(usage.containers()));
  }

  private static Map<String, String> row(DiskUsage.VolumeUsage usage) {
    return Map.of(
        "Name", usage.state().name(),
        "Links", Integer.toString(usage.state().containers().size()),
        "Size", Sizes.of(usage.size()));
  }

  private static Map<String, String> row(DiskUsage.ContainerUsage usage, Instant now) {
    ContainerState state = usage.state();
    return Map.of(
        "ID", state.id().shortHex(),
        "Image", state.spec().image(),
        "Size", Sizes.of(usage.size()),
        "CreatedSince", Times.ago(state.created(), now),
        "Status", state.status().word(),
        "Names", state.name());
  }
}
