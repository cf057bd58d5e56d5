package dev.pinnace.internal.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.oci.ImageIndex;
import java.util.List;

/**
 * An image index as it was read.
 *
 * @param index what of it can be used
 * @param foreign entries that cannot, as they stand there: their digest is of an algorithm, or
 *     their platform of a form, that is not known
 */
public record IndexDocument(ImageIndex index, List<JsonNode> foreign) {
  public IndexDocument {
    foreign = List.copyOf(foreign);
  }
}
