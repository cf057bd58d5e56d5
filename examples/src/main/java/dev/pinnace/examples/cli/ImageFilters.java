package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ImageFilter;
import java.time.Instant;
import java.util.List;

/** The values of {@code images --filter}. */
final class ImageFilters {
  private ImageFilters() {}

  static ImageFilter parse(List<String> filters, Pinnace pinnace, Instant now) {
    ImageFilter filter = ImageFilter.all();
    for (String text : filters) {
      FilterFlag flag = FilterFlag.parse(text);
      if (flag.value().isEmpty()) {
        throw new InvalidSpecException("--filter " + text + ": write NAME=VALUE");
      }
      String value = flag.value();
      filter =
          switch (flag.name()) {
            case "dangling" -> filter.dangling(flag.isTrue());
            case "label" -> {
              var label = flag.label();
              yield filter.label(label.getKey(), label.getValue());
            }
            case "before" -> before(filter, created(pinnace, value));
            case "until" -> before(filter, Times.parse("--filter until", value, now));
            case "since" -> filter.createdAfter(created(pinnace, value));
            case "reference" -> filter.reference(value);
            default ->
                throw new InvalidSpecException(
                    "--filter "
                        + text
                        + " is not known: use dangling, label, before, since, until or reference");
          };
    }
    return filter;
  }

  /** The earliest of several moments counts. */
  private static ImageFilter before(ImageFilter filter, Instant moment) {
    return filter.createdBefore(filter.createdBefore().filter(moment::isAfter).orElse(moment));
  }

  private static Instant created(Pinnace pinnace, String name) {
    Image image = pinnace.images().get(name);
    return image
        .config()
        .created()
        .orElseThrow(
            () -> new InvalidSpecException("image " + name + " does not say when it was made"));
  }
}
