using System.Net.Http.Headers;
using System.Reflection;

namespace Watchword.Client;

/// <summary>What this client calls itself in <c>User-Agent</c>, so that a server need not guess by its habits.</summary>
internal static class ClientAgent
{
    private const string Name = "Watchword";

    /// <summary><c>Watchword/VERSION</c>.</summary>
    public static ProductInfoHeaderValue Value { get; } = new(
        Name, typeof(ClientAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "0");

    /// <summary>Has every request of a client say so.</summary>
    public static void Introduce(HttpClient client) => client.DefaultRequestHeaders.UserAgent.Add(Value);
}
