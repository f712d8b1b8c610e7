namespace PrivacyPass.Voprf;

/// <summary>The modes of RFC 9497, section 3.1 that are built; type 1 uses <see cref="Voprf"/>.</summary>
internal enum OprfMode : byte
{
    /// <summary>Without proof.</summary>
    Oprf = 0x00,

    /// <summary>With a proof that the issuer used its published key.</summary>
    Voprf = 0x01,

    /// <summary>With a proof, and with public info bound into every evaluation.</summary>
    Poprf = 0x02,
}
