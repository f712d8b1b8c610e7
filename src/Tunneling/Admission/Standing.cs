namespace Tunneling.Admission;

/// <summary>What a connection has shown of itself. Who has shown less makes room for who has shown more.</summary>
internal enum Standing
{
    /// <summary>No credential of it was accepted yet.</summary>
    Stranger,

    /// <summary>A credential was accepted; no tunnel of it is open now.</summary>
    Known,

    /// <summary>It carries a tunnel: never closed to make room.</summary>
    Tunnelling,
}
