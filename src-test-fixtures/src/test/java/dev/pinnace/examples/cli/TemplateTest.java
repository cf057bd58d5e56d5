package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates as people write them for Docker. */
class TemplateTest {
  private static final Map<String, Object> WEB = web();

  private static Map<String, Object> web() {
    Map<String, Object> mount = new TreeMap<>(Map.of("Source", "/srv", "RW", true));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("Env", List.of("A=1", "B=2"));
    config.put("Labels", Map.of("x.y", "z", "a", "b"));
    config.put("Cmd", null);
    config.put("Empty", List.of());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Name", "/web");
    result.put("Args", List.of("-c", "exit 3"));
    result.put("State", Map.of("Running", false, "Status", "exited", "ExitCode", 3));
    result.put("Mounts", List.of(mount, new TreeMap<>(Map.of("Source", "/etc", "RW", false))));
    result.put("Config", config);
    return result;
  }

  private static String shown(String format) {
    return Template.render(format, WEB);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{{.Name}} is {{.State.Status}} # /web is exited",
        "{{index .Config.Labels \"x.y\"}} # z",
        "[{{index .Config.Labels \"no\"}}] # []",
        "{{index .Config.Env 1}} # B=2",
        "{{index .Mounts 0 \"Source\"}} # /srv",
        "{{(index .Mounts 0).Source}} # /srv",
        "{{(index .Mounts 1).Source | upper}} # /ETC",
        "{{if (index .Mounts 1).RW}}rw{{else}}ro{{end}} # ro",
        "{{title \"the quick_one isn't\"}} # The Quick_one Isn't",
        "{{truncate \"abcdef\" 3}}{{truncate \"ab\" 3}} # abcab",
        "[{{pad \"a\" 2 1}}] # [  a ]",
        "[{{pad \"\" 2 1}}] # []",
        "{{(index .Mounts 1) | json}} # ~{\"RW\":false,\"Source\":\"/etc\"}~",
        "{{range .Mounts}}{{.Source}};{{end}} # /srv;/etc;",
        "{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}} {{$.Name}};{{end}} # 0=/srv /web;1=/etc"
            + " /web;",
        "{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}} {{end}}. # a:b x.y:z .",
        "{{range .Config.Empty}}x{{else}}none{{end}} # none",
        "{{range .Config.Cmd}}x{{end}}! # !",
        "{{if .State.Running}}up{{else}}down{{end}} # down",
        "{{if .State.Running}}up{{else if eq .State.ExitCode 3}}three{{else}}down{{end}} # three",
        "{{if eq .State.Status \"running\" \"exited\"}}known{{end}} # known",
        "{{if and .Name (not .State.Running)}}yes{{end}} # yes",
        "{{if or .State.Running .Config.Empty}}yes{{else}}no{{end}} # no",
        "{{if ne .Name \"x\"}}other{{end}} # other",
        "{{with .Config.Cmd}}{{.}}{{else}}default{{end}} # default",
        "{{with .State}}{{.ExitCode}}{{end}} # 3",
        "{{join .Args \" \"}} # -c exit 3",
        "{{.Config.Labels}} {{.Args}} # map[a:b x.y:z] [-c exit 3]",
        "{{printf \"%s=%d %v %q %%\" .Name .State.ExitCode .Args .Name}} # /web=3 [-c exit 3] \"/web\" %",
        "{{printf \"[%6s|%-6s|%.2s|%3d|%-3d|%03d]\" .Name .Name .Name .State.ExitCode .State.ExitCode"
            + " .State.ExitCode}} # [  /web|/web  |/w|  3|3  |003]",
        "{{printf \"%t %x %X %x\" .State.Running 255 255 .Name}} # false ff FF 2f776562",
        "{{.Name | printf \"<%s>\"}} # </web>",
        "{{join (split .Name \"/\") \"+\"}} # +web",
        "{{len .Mounts}} {{len .Name}} {{len .Config.Labels}} # 2 4 2",
        "{{.Config.Env | json}} {{json .Args}} # [\"A=1\",\"B=2\"] [\"-c\",\"exit 3\"]",
        "{{upper .Name}} {{.State.Status | upper | lower}} # /WEB exited",
        "{{.Args}} {{.Config.Labels}} # [-c exit 3] map[a:b x.y:z]",
        "{{.Config.Cmd}} # <no value>",
        "a {{- .Name -}} b # a/webb",
        "{{$n := .Name}}{{range .Args}}{{$n}}{{end}} # /web/web",
        "{{range .Args}}{{print . \"|\"}}{{end}} # -c|exit 3|",
        "{{/* a comment */}}x{{\"{{}}\"}} # x{{}}",
      })
  void render_asGoDoes(String format, String text) {
    assertThat(shown(format)).isEqualTo(text);
  }

  @Test
  void render_endsOfLines_areThoseOfTheTemplateAlone() {
    Map<String, Object> hostile = Map.of("All", new ArrayList<>(List.of("a\nb", "c\u001b[2J")));
    String format = "{{range .All}}{{.}}{{\"\\n\"}}{{println .}}{{end}}\\t{{join .All \"\\t\"}}";
    assertThat(
            Template.render(
                format, hostile, text -> text.replace('\n', '?').replace('\u001b', '!')))
        .isEqualTo("a?b\na?b\nc![2J\nc![2J\n\ta?b\tc![2J");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{{.None}} # there is no field .None; there are: Args, Config",
        "{{range .Mounts}}{{.No}}{{end}} # there is no field .No; there are: RW, Source",
        "{{range .Name}}x{{end}} # range needs a list, not \"/web\"",
        "{{range .Mounts}}x # {{range .Mounts}} has no {{end}}",
        "{{if .Name}}x{{else}}y # {{if .Name}} has no {{end}}",
        "x{{end}} # there is nothing that {{end}} could end",
        "{{.Name # a {{ has no }}",
        "{{}} # there is nothing in {{}}",
        "{{printn .Name}} # printn is no function: there are and, eq, index",
        "{{printf}} # printf needs 1 arguments",
        "{{printf \"%d\" .Name}} # needs a whole number for %d, not \"/web\"",
        "{{printf \"%t\" .Name}} # needs true or false for %t",
        "{{printf \"%y\" .Name}} # does not know %y: there are %s",
        "{{printf \"%s %s\" .Name}} # has no value for %s",
        "{{printf \"x\" .Name}} # has 1 values, of which it prints 0",
        "{{printf \"50%\"}} # does not know %",
        "{{.Name \"x\"}} # .Name is no function",
        "{{(.Name}} # a ( has no )",
        "{{.Name)}} # there is a \")\" too many",
        "{{(index .Mounts 0).Sauce}} # there is no field .Sauce; there are: RW, Source",
        "{{(index .Mounts 0.Source}} # a ( has no )",
        "{{truncate .Name -1}} # truncate needs a number from 0 to 9999",
        "{{pad .Name 1}} # pad needs 3 arguments at least",
        "{{index .Args 5}} # index 5 is none of a list of 2",
        "{{index .Name 0}} # index cannot look into",
        "{{json}} # json needs 1 arguments",
        "{{len 3 4 | len}} # ",
        "{{$x}} # there is no variable $x",
        "{{eq .Name}} # eq needs 2 arguments",
        "{{.Name & 1}} # nobody knows \"& 1\" there",
        "{{index .Args Name}} # Name is no value",
      })
  void render_whatIsWrong_isSaid(String format, String message) {
    assertThatThrownBy(() -> shown(format))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("--format")
        .hasMessageContaining(message == null ? "" : message);
  }
}
