using System.Net;

namespace Watchword.Client;

/// <summary>One field of a form.</summary>
internal sealed record HtmlField(string Name, string Type, string Value, string? AutoComplete);

/// <summary>A form in a log-in page: what a browser without scripts would see of it.</summary>
internal sealed record HtmlForm(string Action, string Method, IReadOnlyList<HtmlField> Fields)
{
    private const int MaxForms = 16;
    private const int MaxFields = 64;

    /// <summary>The password field; null if there is none or more than one (a page that changes a password is no log-in page).</summary>
    public HtmlField? Password => Fields.Count(f => f.Type == "password") == 1 ? Fields.Single(f => f.Type == "password") : null;

    /// <summary>The field for the user name: the one marked so, named so, or the only text field.</summary>
    public HtmlField? UserName
    {
        get
        {
            HtmlField[] texts = [.. Fields.Where(f => f.Type is "text" or "email" or "tel" or "search")];
            return texts.FirstOrDefault(f => f.AutoComplete?.Split(' ').Contains("username", StringComparer.OrdinalIgnoreCase) == true)
                ?? texts.FirstOrDefault(f => f.Name.EndsWith("username", StringComparison.OrdinalIgnoreCase))
                ?? (texts.Length == 1 ? texts[0] : null);
        }
    }

    /// <summary>Reads the forms of a page. Tolerant: anything that is not a form or a field is stepped over.</summary>
    public static IReadOnlyList<HtmlForm> Parse(string html)
    {
        List<HtmlForm> forms = [];
        List<HtmlField>? fields = null;
        foreach (HtmlTag tag in HtmlTag.Read(html))
        {
            switch (tag.Name)
            {
                case "form" when forms.Count < MaxForms:
                    fields = [];
                    forms.Add(new HtmlForm(tag.Attribute("action") ?? string.Empty, (tag.Attribute("method") ?? "get").ToLowerInvariant(), fields));
                    break;
                case "/form":
                    fields = null;
                    break;
                case "input" or "button" when fields is { Count: < MaxFields }:
                    AddField(fields, tag);
                    break;
            }
        }

        return forms;
    }

    private static void AddField(List<HtmlField> fields, HtmlTag tag)
    {
        string type = (tag.Attribute("type") ?? (tag.Name == "button" ? "submit" : "text")).ToLowerInvariant();
        bool sent = type switch
        {
            "checkbox" or "radio" => tag.Attribute("checked") is not null,
            // A browser sends only the button that was pressed: the first one.
            "submit" => !fields.Any(f => f.Type == "submit"),
            "button" or "reset" or "image" or "file" => false,
            _ => true,
        };
        if (sent && tag.Attribute("name") is { Length: > 0 } name && tag.Attribute("disabled") is null)
        {
            string value = tag.Attribute("value") ?? (type is "checkbox" or "radio" ? "on" : string.Empty);
            fields.Add(new HtmlField(name, type, value, tag.Attribute("autocomplete")));
        }
    }
}

/// <summary>A start or end tag.</summary>
internal sealed class HtmlTag
{
    private static readonly string[] RawText = ["script", "style", "textarea", "title"];
    private readonly Dictionary<string, string> _attributes = new(StringComparer.OrdinalIgnoreCase);

    private HtmlTag(string name) => Name = name;

    /// <summary>The name in lower case, with a slash in front for an end tag.</summary>
    public string Name { get; }

    /// <summary>The attribute's value with character references resolved; empty for one without a value; null if absent.</summary>
    public string? Attribute(string name) => _attributes.GetValueOrDefault(name);

    /// <summary>The tags of a page in order; comments, and the content of scripts and the like, are stepped over.</summary>
    public static IEnumerable<HtmlTag> Read(string html)
    {
        int position = 0;
        while ((position = html.IndexOf('<', position)) >= 0)
        {
            if (string.CompareOrdinal(html, position, "<!--", 0, 4) == 0)
            {
                int end = html.IndexOf("-->", position + 4, StringComparison.Ordinal);
                position = end < 0 ? html.Length : end + 3;
                continue;
            }

            HtmlTag? tag = ReadTag(html, ref position);
            if (tag is null)
            {
                continue;
            }

            yield return tag;
            if (RawText.Contains(tag.Name, StringComparer.Ordinal))
            {
                int end = html.IndexOf("</" + tag.Name, position, StringComparison.OrdinalIgnoreCase);
                position = end < 0 ? html.Length : end;
            }
        }
    }

    private static HtmlTag? ReadTag(string html, ref int position)
    {
        int start = ++position;
        if (position < html.Length && html[position] == '/')
        {
            position++;
        }

        while (position < html.Length && (char.IsAsciiLetterOrDigit(html[position]) || html[position] == '-'))
        {
            position++;
        }

        string name = html[start..position].ToLowerInvariant();
        if (name.Length == 0 || name == "/" || !char.IsAsciiLetter(name[^1]) && !char.IsAsciiDigit(name[^1]))
        {
            return null;
        }

        HtmlTag tag = new(name);
        while (position < html.Length && html[position] != '>')
        {
            tag.ReadAttribute(html, ref position);
        }

        position = Math.Min(position + 1, html.Length);
        return tag;
    }

    private void ReadAttribute(string html, ref int position)
    {
        int start = position;
        while (position < html.Length && html[position] is not ('>' or '=' or '/') && !char.IsWhiteSpace(html[position]))
        {
            position++;
        }

        string name = html[start..position];
        if (name.Length == 0)
        {
            position++;
            return;
        }

        int afterName = position;
        SkipBlanks(html, ref position);
        if (position >= html.Length || html[position] != '=')
        {
            position = afterName;
            _attributes.TryAdd(name, string.Empty);
            return;
        }

        position++;
        SkipBlanks(html, ref position);
        _attributes.TryAdd(name, WebUtility.HtmlDecode(ReadValue(html, ref position)));
    }

    private static string ReadValue(string html, ref int position)
    {
        if (position < html.Length && html[position] is ('"' or '\''))
        {
            int close = html.IndexOf(html[position], position + 1);
            close = close < 0 ? html.Length : close;
            string quoted = html[(position + 1)..close];
            position = Math.Min(close + 1, html.Length);
            return quoted;
        }

        int start = position;
        while (position < html.Length && html[position] != '>' && !char.IsWhiteSpace(html[position]))
        {
            position++;
        }

        return html[start..position];
    }

    private static void SkipBlanks(string html, ref int position)
    {
        while (position < html.Length && char.IsWhiteSpace(html[position]))
        {
            position++;
        }
    }
}
