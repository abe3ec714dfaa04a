using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Watchword.Idm.Server.Configuration;

/// <summary>
/// The issuer exactly as it stands in <c>iss</c>. Where the configured port is 0 it is the port that the server was given, known
/// once it has started.
/// </summary>
internal sealed class IdmIssuer(IOptions<IdmOptions> options, IServer server)
{
    private string? value;

    /// <summary>The issuer, without a slash that was not configured.</summary>
    public string Value => value ??= Resolve();

    /// <summary>The issuer as a URI.</summary>
    public Uri Uri => new(Value);

    private string Resolve()
    {
        string configured = options.Value.Issuer;
        Uri uri = new(configured);
        if (uri.Port != 0)
        {
            return configured;
        }

        string bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new InvalidOperationException("The issuer with port 0 is known only while the server runs.");
        return $"https://{uri.Host}:{new Uri(bound).Port}";
    }
}
