namespace Watchword.Authorization.Tests.Hosting;

/// <summary>A temporary directory with configuration for a resource server in it.</summary>
public sealed class Settings : IDisposable
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Authorization:Audience"] = TestClaims.Audience,
    };

    private int _issuers;

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("watchword-authz-");

    public IReadOnlyDictionary<string, string?> Values => _values;

    public Settings Set(string key, string? value)
    {
        _values[$"Authorization:{key}"] = value;
        return this;
    }

    public Settings Remove(string key)
    {
        _values.Remove($"Authorization:{key}");
        return this;
    }

    /// <summary>Trusts an issuer for the domain of the examples, its keys in a file, and whatever else is set.</summary>
    public Settings Trust(TestIssuer issuer, params (string Key, string? Value)[] more)
    {
        string file = WriteFile($"{new Uri(issuer.Name).Host}.jwks", issuer.Jwks());
        return Trust(issuer.Name, [("JwksFile", file), .. more]);
    }

    public Settings Trust(string issuer, params (string Key, string? Value)[] settings)
    {
        string path = $"Issuers:{_issuers++}";
        Set($"{path}:Issuer", issuer).Set($"{path}:IdentityDomains:0", TestClaims.Domain);
        if (!settings.Any(setting => setting.Key.StartsWith("SecurityEvents:", StringComparison.Ordinal)))
        {
            Set($"{path}:SecurityEvents:Policy", "Off");
        }

        foreach ((string key, string? value) in settings)
        {
            Set($"{path}:{key}", value);
        }

        return this;
    }

    public string WriteFile(string name, string content)
    {
        string path = Path.Combine(Directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(recursive: true);
}
