using Spectre.Console;
using Spectre.Console.Rendering;

namespace Watchword.Cli;

/// <summary>Results for people. Everything passes through <see cref="Printable"/> and never through markup.</summary>
internal sealed class HumanWriter(IConsoleIo io)
{
    // Not a terminal: no wrapping, so that a line stays a line for grep.
    private const int Unlimited = 4096;

    /// <summary>One line.</summary>
    public void Line(string text = "") => io.StandardOutput.WriteLine(Printable.Text(text));

    /// <summary>Aligned <c>name: value</c> lines; a null value leaves its line out.</summary>
    public void Fields(IEnumerable<(string Name, string? Value)> fields)
    {
        List<(string Name, string? Value)> present = [.. fields.Where(field => field.Value is not null)];
        int width = present.Count == 0 ? 0 : present.Max(field => field.Name.Length) + 2;
        foreach ((string name, string? value) in present)
        {
            io.StandardOutput.WriteLine((name + ":").PadRight(width) + Printable.Text(value!));
        }
    }

    /// <summary>A table with a header line.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Table table = new() { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow(row.Select(IRenderable (cell) => new Text(Printable.Text(cell))));
        }

        Render(table);
    }

    private void Render(IRenderable content)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = Colourful ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Colourful ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = io.IsOutputTerminal ? io.Width : Unlimited;
        console.Write(content);
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            io.StandardOutput.WriteLine(line);
        }
    }

    // https://no-color.org
    private bool Colourful => io.IsOutputTerminal && string.IsNullOrEmpty(io.GetVariable("NO_COLOR"));
}
