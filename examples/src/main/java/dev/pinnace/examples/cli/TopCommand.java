package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.ProcessInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "top",
    description = {
      "Lists the processes of a container, as ps -ef does.",
      "PID and UID are those of this host, user names are not looked up; C is the share of one"
          + " processor in percent, and CMD what the process says of itself.",
      "Of the options of ps there are -ef, aux, ax and -o with a list of columns."
    })
final class TopCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Parameters(index = "1..*", paramLabel = "PS-OPTION", description = "As in -o pid,cmd.")
  private List<String> options = new ArrayList<>();

  @Override
  int execute(Pinnace pinnace) {
    List<ProcessColumn> columns = PsOptions.columns(options);
    Instant now = Instant.now();
    Table table = new Table();
    table.row(columns.stream().map(ProcessColumn::title).toArray(String[]::new));
    for (ProcessInfo process : pinnace.containers().get(container).top()) {
      table.row(columns.stream().map(c -> c.cell(process, now)).toArray(String[]::new));
    }
    table.print(out());
    return OK;
  }
}
