namespace Watchword.Lab;

/// <summary>Makes the lab's domains on the first start and leaves them alone on every other.</summary>
internal sealed class LabSetup(LabDirectories directories, LabCertificateAuthority ca, TimeProvider time)
{
    /// <summary>Finds the domains or makes them, and writes <c>lab.json</c> with the ports of this start.</summary>
    public async Task<LabDescription> PrepareAsync(LabPorts ports, LabDescription? before, CancellationToken cancellation)
    {
        LabSite home = LabSite.Home(directories, ports, ca, time), allied = LabSite.Allied(home);
        LabDescription description;
        if (before is null)
        {
            description = await CreateOrCleanUpAsync(home, allied, cancellation);
        }
        else
        {
            if (before.PartnerKmsUri.Length == 0 || before.KmsAdmin.Length == 0 || before.Allied is null)
            {
                throw new LabException(
                    $"{directories.Root} is of an earlier version of the lab, which had no second domain or no admin API: remove it, or choose another --data");
            }

            description = At(before, home) with { PartnerKms = ports.PartnerKmsUrl, Allied = At(before.Allied, allied) };
        }

        description.Write(directories.Description);
        return description;
    }

    private static LabDescription At(LabDescription description, LabSite site) => description with
    {
        Idm = site.Ports.IdmUrl, Kms = site.Ports.KmsUrl, KmsAdmin = site.Ports.KmsAdminUrl, Ca = site.Ca.CaFile,
        Configuration = site.Ports.ConfigurationRoot, SipCore = site.Ports.SipCoreAddress,
    };

    /// <summary>A domain that was made only half is of no use to anyone: it goes again.</summary>
    private async Task<LabDescription> CreateOrCleanUpAsync(LabSite home, LabSite allied, CancellationToken cancellation)
    {
        if (Directory.Exists(directories.Kms) || Directory.Exists(directories.Idm) || Directory.Exists(directories.Allied.Root))
        {
            throw new LabException($"{directories.Root} holds server data but no lab.json: choose another --data");
        }

        try
        {
            LabDescription[] made = await Task.WhenAll(((LabSite[])[home, allied]).Select(
                site => Task.Run(() => new LabDomainSetup(site).CreateAsync(cancellation), cancellation)));
            return made[0] with
            {
                PartnerKms = home.Ports.PartnerKmsUrl, PartnerKmsUri = LabDomain.PartnerKmsUri, Allied = made[1],
            };
        }
        catch
        {
            foreach (string made in (string[])
                [directories.Kms, directories.Idm, directories.Keys, directories.Passwords, directories.Allied.Root])
            {
                if (Directory.Exists(made))
                {
                    Directory.Delete(made, recursive: true);
                }
            }

            throw;
        }
    }
}
