namespace Watchword.Lab;

/// <summary>Commands of <c>watchword</c>, ready to paste, that walk the main job against a running lab. The README shows the same.</summary>
internal static class LabCommands
{
    /// <summary>The commands in order, for the lab whose data is in <paramref name="data"/>.</summary>
    public static IEnumerable<string> For(LabDescription lab, string data)
    {
        LabDirectories paths = new(data);
        string medic = lab.Users[LabDomain.Medic].McpttId!;
        yield return $"export WATCHWORD_HOME={paths.Profiles}";
        foreach (string user in (string[])[LabDomain.Dispatcher, LabDomain.Medic])
        {
            yield return $"watchword login --profile {user} --idm {lab.Idm} --kms {lab.Kms} --ca {Path.Combine(data, "ca.pem")}"
                + $" --user {user} --password-stdin --new-key-file {Path.Combine(data, user + ".key")} < {paths.Password(user)}";
            yield return $"watchword kms init --profile {user}";
            yield return $"watchword keys get --profile {user}";
        }

        yield return $"watchword keys verify --profile {LabDomain.Dispatcher}";
        string message = Path.Combine(data, "call.mikey");
        yield return $"watchword mikey create --profile {LabDomain.Dispatcher} --purpose pck --to {medic} --out {message}";
        yield return $"watchword mikey open --profile {LabDomain.Medic} {message}";
        string officer = LabDomain.Officer;
        yield return $"watchword login --profile {officer} --idm {lab.Idm} --kms-role {lab.Users[officer].KmsRole} --kms-admin {lab.KmsAdmin}"
            + $" --ca {Path.Combine(data, "ca.pem")} --user {officer} --password-stdin"
            + $" --new-key-file {Path.Combine(data, officer + ".key")} < {paths.Password(officer)}";
        yield return $"watchword domain list --profile {officer}";
    }

    /// <summary>The commands of a UE of dispatcher, which is switched on and off again.</summary>
    public static IEnumerable<string> ForUe(LabDescription lab, string data)
    {
        LabDirectories paths = new(data);
        string user = LabDomain.Dispatcher;
        yield return $"watchword ue up --profile ue --config-root {lab.Configuration} --ue {LabProvisioning.UeId}"
            + $" --config-server {LabServices.CmsUri} --mdsi {LabServices.McxDomainUri} --sip-proxy {lab.SipCore}"
            + $" --impu {LabSipCore.IdentityOf(user)} --ca {Path.Combine(data, "ca.pem")} --user {user} --password-stdin"
            + $" --new-key-file {Path.Combine(data, "ue.key")} < {paths.Password(user)}";
        yield return "watchword ue down --profile ue";
    }
}
