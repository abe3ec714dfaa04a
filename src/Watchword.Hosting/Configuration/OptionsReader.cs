using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Watchword.Hosting;

/// <summary>
/// Binds a section to its options class and reports every unknown key and every value of the wrong form: the binder of .NET stops
/// at the first of either, or ignores it, which silently leaves a rule at its default.
/// </summary>
public static class OptionsReader
{
    /// <summary>What an operator has to replace in an example file.</summary>
    public const string Placeholder = "REPLACE-ME";

    /// <summary>The options of a section; a value that has a fault keeps its default.</summary>
    public static T Read<T>(IConfiguration configuration, string section, ConfigurationFaults faults)
        where T : class, new()
    {
        T options = new();
        Dictionary<string, string?> good = new(StringComparer.OrdinalIgnoreCase);
        Walk(configuration.GetSection(section), typeof(T), faults, good);
        new ConfigurationBuilder().AddInMemoryCollection(good).Build().GetSection(section).Bind(options);
        return options;
    }

    /// <summary>Reports what <see cref="Read"/> would, for a section that is bound elsewhere.</summary>
    public static void Check(IConfiguration configuration, string section, Type options, ConfigurationFaults faults) =>
        Walk(configuration.GetSection(section), options, faults, []);

    private static void Walk(
        IConfigurationSection section, Type type, ConfigurationFaults faults, Dictionary<string, string?> good)
    {
        if (ElementOf(type) is { } element)
        {
            // The value beside the children is the empty array of a JSON file.
            foreach (IConfigurationSection item in section.GetChildren())
            {
                Walk(item, element, faults, good);
            }

            return;
        }

        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string) || plain.IsValueType)
        {
            ReadValue(section, plain, faults, good);
            return;
        }

        if (section.Value is { Length: > 0 })
        {
            faults.Add(section.Path, "is a value where a group of options is expected", $"write {section.Path}:KEY");
        }

        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? property = type.GetProperty(
                child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is null)
            {
                faults.Add(child.Path, "is no option", $"the options of {section.Path} are {NamesOf(type)}");
            }
            else
            {
                Walk(child, property.PropertyType, faults, good);
            }
        }
    }

    private static void ReadValue(
        IConfigurationSection section, Type type, ConfigurationFaults faults, Dictionary<string, string?> good)
    {
        if (section.GetChildren().Any())
        {
            faults.Add(section.Path, "is a group where one value is expected", $"write {FormOf(type)}");
            return;
        }

        if (section.Value is { } text && text.Contains(Placeholder, StringComparison.Ordinal))
        {
            faults.Add(section.Path, "is still the placeholder of the example", "write the value of this installation");
            return;
        }

        if (type != typeof(string) && section.Value is { } value && !IsValid(value, type))
        {
            faults.Add(section.Path, "has a value of the wrong form", $"write {FormOf(type)}");
            return;
        }

        good[section.Path] = section.Value;
    }

    private static bool IsValid(string value, Type type)
    {
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static Type? ElementOf(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type)
        ? type.IsArray ? type.GetElementType() : type.GetGenericArguments()[^1]
        : null;

    private static string NamesOf(Type type) => string.Join(", ", type.GetProperties().Select(property => property.Name));

    private static string FormOf(Type type) => type switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time as d.hh:mm:ss",
        _ when type == typeof(DateTimeOffset) => "a date and time as 2030-01-31T00:00:00Z",
        _ when type == typeof(string) => "one value",
        _ => "a number",
    };
}
