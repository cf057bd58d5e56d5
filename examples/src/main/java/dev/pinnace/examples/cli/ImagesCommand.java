package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "images",
    description = {
      "Lists images, the newest first.",
      "SIZE is the length of the files of all layers, unpacked, whether other images share them or"
          + " not; of a layer that is not unpacked, as after a power failure, it is what is stored."
          + " CREATED is N/A of an image that does not say, such as one of \"import-host\": the same"
          + " files give the same image there, whenever it is made."
    })
final class ImagesCommand extends EngineCommand {
  private static final String NONE = "<none>";

  private static final Listing ROWS =
      new Listing(
          Map.of(
              "Repository", "REPOSITORY",
              "Tag", "TAG",
              "Digest", "DIGEST",
              "ID", "IMAGE ID",
              "CreatedSince", "CREATED",
              "CreatedAt", "CREATED AT",
              "Size", "SIZE"),
          List.of("Repository", "Tag", "ID", "CreatedSince", "Size"));

  private static final Listing ROWS_WITH_DIGESTS =
      new Listing(
          ROWS.titles(), List.of("Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"));

  @Option(
      names = {"-q", "--quiet"},
      description = "Print ids only.")
  private boolean quiet;

  @SuppressWarnings("UnusedVariable") // accepted, and nothing to do
  @Option(
      names = {"-a", "--all"},
      description = "Intermediate images too, of which there are none.")
  private boolean all;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME[:TAG]",
      description =
          "Those of that name; with any tag, if it has none. *, ? and [a-z] stand for characters"
              + " other than /.")
  private Optional<String> wanted = Optional.empty();

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "NAME=VALUE",
      description =
          "dangling, label, before, since, until=TIME or reference, which is as NAME[:TAG].")
  private List<String> filters = new ArrayList<>();

  @Option(names = "--digests", description = "Show the digests too.")
  private boolean digests;

  @Option(names = "--no-trunc", description = "Print whole ids.")
  private boolean whole;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "json, table, or text with {{.ID}}, {{.Repository}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  /** A damaged image is listed with the others; what is wrong with it goes beside the list. */
  @Override
  int execute(Pinnace pinnace) {
    Instant now = Instant.now();
    List<Map<String, String>> rows = new ArrayList<>();
    ImageFilter filter = ImageFilters.parse(filters, pinnace, now);
    ImageFilter named = wanted.map(ImagesCommand::pattern).map(filter::reference).orElse(filter);
    for (ImageSummary image : pinnace.images().list(named)) {
      image
          .damage()
          .ifPresent(
              damage ->
                  err()
                      .println(
                          "pinnace: image " + image.id().shortHex() + " is damaged: " + damage));
      if (image.references().isEmpty()) {
        rows.add(row(image, NONE, NONE, now));
      }
      for (String reference : image.references()) {
        if (named.matchesName(reference)) {
          ImageReference name = ImageReference.parse(reference);
          rows.add(row(image, name.familiarName(), name.tag().orElse(NONE), now));
        }
      }
    }
    if (quiet) {
      rows.stream().map(row -> row.get("ID")).distinct().forEach(out()::println);
    } else {
      (digests ? ROWS_WITH_DIGESTS : ROWS).print(out(), format, rows);
    }
    return OK;
  }

  /** A plain name may be written in full too, {@code docker.io/library/busybox}. */
  private static String pattern(String wanted) {
    boolean glob = wanted.matches(".*[*?\\\\].*|.+\\[.*");
    return glob ? wanted : ImageReference.parse(wanted).familiar();
  }

  private Map<String, String> row(ImageSummary image, String name, String tag, Instant now) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("Repository", name);
    row.put("Tag", tag);
    row.put("Digest", image.digest().toString());
    row.put("ID", whole ? image.id().toString() : image.id().shortHex());
    row.put("CreatedAt", image.created().map(Times::at).orElse("N/A"));
    row.put("CreatedSince", image.created().map(at -> Times.ago(at, now)).orElse("N/A"));
    row.put("Size", image.damage().isPresent() ? "damaged" : Sizes.brief(image.size()));
    return row;
  }
}
