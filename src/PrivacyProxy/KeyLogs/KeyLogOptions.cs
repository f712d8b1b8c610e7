using System.ComponentModel;

namespace PrivacyProxy.KeyLogs;

/// <summary>What the proxy keeps of the issuers' directories it has seen, for auditors to compare: section <c>PrivacyProxy:KeyLog</c>.</summary>
internal sealed class KeyLogOptions
{
    /// <summary>Appends each version of an issuer's directory to a log, and serves the log at /key-log/.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The folder of the log and its key; several proxies of one name may share it.</summary>
    [DefaultValue("`key-log` in `Tls:Data`")]
    public string? Folder { get; set; }
}
