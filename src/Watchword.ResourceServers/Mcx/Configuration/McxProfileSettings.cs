using Watchword.Hosting;
using Watchword.Identity;

namespace Watchword.ResourceServers.Mcx.Configuration;

/// <summary>The configuration management server that user profiles are read from over HTTP, checked. Immutable.</summary>
/// <param name="XcapRoot">Its https XCAP root, without a slash at its end.</param>
/// <param name="AssertedIdentity">The URI that this server asserts itself with.</param>
/// <param name="CaFile">The authority of its certificate; empty for those that the system trusts.</param>
/// <param name="CertificateFile">The own certificate.</param>
/// <param name="KeyFile">Its key.</param>
internal sealed record McxProfileSettings(
    string XcapRoot, string AssertedIdentity, string CaFile, string CertificateFile, string KeyFile)
{
    private const string Section = McxOptions.Section + ":Profiles";

    /// <summary>Checks the section <c>Services:Mcx:Profiles</c>; every fault is named.</summary>
    public static McxProfileSettings Check(McxProfileOptions options, ConfigurationFaults faults)
    {
        if (!Uri.TryCreate(options.XcapRoot, UriKind.Absolute, out Uri? root) || root.Scheme != Uri.UriSchemeHttps
            || root.Query.Length > 0)
        {
            faults.Add($"{Section}:XcapRoot", "is no https URL, or has a query",
                "write the XCAP root of the configuration management server");
        }

        if (!McServiceId.IsValid(options.AssertedIdentity))
        {
            faults.Add($"{Section}:AssertedIdentity", "is no URI", "write one of that server's AuthorisedServers");
        }

        if (options.CaFile.Length > 0 && !File.Exists(options.CaFile))
        {
            faults.Add($"{Section}:CaFile", $"names {options.CaFile}, which is not there", "check the path");
        }

        CertificateFiles.Check(options.CertificateFile, options.KeyFile, Section, faults)?.Dispose();
        return new McxProfileSettings(
            options.XcapRoot.TrimEnd('/'), options.AssertedIdentity, options.CaFile, options.CertificateFile, options.KeyFile);
    }
}
