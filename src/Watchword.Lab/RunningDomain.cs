namespace Watchword.Lab;

/// <summary>One complete domain, with every server started.</summary>
internal sealed class RunningDomain : IAsyncDisposable
{
    private RunningDomain(LabDescription description, LabServers servers, LabServices services)
    {
        Description = description;
        Servers = servers;
        Services = services;
    }

    /// <summary>What it is called, and where its servers are.</summary>
    public LabSite Site => Servers.Site;

    /// <summary>Its accounts and entities.</summary>
    public LabDescription Description { get; }

    /// <summary>IdM server and KMS.</summary>
    public LabServers Servers { get; }

    /// <summary>MCX, configuration and group management server, HTTP proxy, and what stands in for a SIP core.</summary>
    public LabServices Services { get; }

    /// <summary>Starts it on data that exists.</summary>
#pragma warning disable CA2000 // What is returned disposes both.
    public static async Task<RunningDomain> StartAsync(LabSite site, LabDescription description, CancellationToken cancellation)
    {
        LabServers servers = await LabServers.StartAsync(site, cancellation);
        try
        {
            LabServices services = await LabServices.StartAsync(servers, cancellation);
            return new RunningDomain(description, servers, services);
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }
#pragma warning restore CA2000

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await Servers.DisposeAsync();
    }
}
