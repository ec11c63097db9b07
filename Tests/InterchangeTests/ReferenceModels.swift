/// The `model` dictionaries of reference cases: every field of fairseq's `Wav2VecConfig` as it came from there.
enum ReferenceModels {
    static let all: [(name: String, json: String)] = [
        (
            "p01_gumbel_paper",
            #"""
            {"prediction_steps": 4, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 5, "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 4, 2), (16, 1, 1)]",
            "conv_aggregator_layers": "[(16, 2, 1), (16, 3, 1), (16, 4, 1)]", "dropout": 0.0,
            "dropout_features": 0.0, "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512,
            "no_conv_bias": false, "agg_zero_pad": false, "skip_connections_feat": false,
            "skip_connections_agg": true, "residual_scale": 0.5, "log_compression": true,
            "balanced_classes": false, "project_features": "none", "non_affine_group_norm": false,
            "offset": "auto", "activation": "gelu", "vq_type": "gumbel", "vq_vars": 12, "vq_groups": 2,
            "vq_dim": 0, "vq_depth": 2, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.999995],
            "vq_gamma": 0.25, "infonce": false}
            """#
        ),
        (
            "p02_gumbel_d1_sep_relu",
            #"""
            {"prediction_steps": 3, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 3, "conv_feature_layers": "[(12, 10, 5), (16, 8, 4), (16, 4, 2)]",
            "conv_aggregator_layers": "[(16, 2, 1), (16, 5, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": true, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": false, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "relu", "vq_type": "gumbel", "vq_vars": 9, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 1, "combine_groups": false, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.25,
            "infonce": false}
            """#
        ),
        (
            "p03_kmeans_combined",
            #"""
            {"prediction_steps": 4, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 4, "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 4, 2)]",
            "conv_aggregator_layers": "[(16, 2, 1), (16, 3, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": false, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "gelu", "vq_type": "kmeans", "vq_vars": 10, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 1, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.25,
            "infonce": false}
            """#
        ),
        (
            "p04_kmeans_sep_g4",
            #"""
            {"prediction_steps": 3, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 4, "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 3, 2)]",
            "conv_aggregator_layers": "[(16, 4, 1), (16, 2, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": true,
            "agg_zero_pad": true, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "relu", "vq_type": "kmeans", "vq_vars": 6, "vq_groups": 4, "vq_dim": 0,
            "vq_depth": 1, "combine_groups": false, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.5,
            "infonce": false}
            """#
        ),
        (
            "p05_wav2vec_none",
            #"""
            {"prediction_steps": 5, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 6, "conv_feature_layers": "[(12, 10, 5), (12, 8, 4), (12, 4, 2), (12, 1, 1)]",
            "conv_aggregator_layers": "[(12, 3, 1), (12, 2, 1), (12, 6, 1)]", "dropout": 0.0,
            "dropout_features": 0.0, "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512,
            "no_conv_bias": false, "agg_zero_pad": false, "skip_connections_feat": true,
            "skip_connections_agg": true, "residual_scale": 0.25, "log_compression": true,
            "balanced_classes": false, "project_features": "none", "non_affine_group_norm": false,
            "offset": "auto", "activation": "relu", "vq_type": "none", "vq_vars": 320, "vq_groups": 2,
            "vq_dim": 0, "vq_depth": 1, "combine_groups": false, "vq_temp": [2.0, 0.5, 0.999995],
            "vq_gamma": 0.25, "infonce": false}
            """#
        ),
        (
            "p06_infonce_cross",
            #"""
            {"prediction_steps": 3, "sample_distance": null, "cross_sample_negatives": 3,
            "num_negatives": 4, "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 4, 2)]",
            "conv_aggregator_layers": "[(16, 2, 1), (16, 3, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": false, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "gelu", "vq_type": "gumbel", "vq_vars": 8, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 2, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.25,
            "infonce": true}
            """#
        ),
        (
            "p07_balanced_residual_proj",
            #"""
            {"prediction_steps": 4, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 4, "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 4, 2)]",
            "conv_aggregator_layers": "[(24, 2, 1), (20, 3, 1), (20, 2, 1)]", "dropout": 0.0,
            "dropout_features": 0.0, "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512,
            "no_conv_bias": false, "agg_zero_pad": false, "skip_connections_feat": false,
            "skip_connections_agg": true, "residual_scale": 0.5, "log_compression": true,
            "balanced_classes": true, "project_features": "none", "non_affine_group_norm": true,
            "offset": "1", "activation": "relu", "vq_type": "gumbel", "vq_vars": 14, "vq_groups": 1,
            "vq_dim": 0, "vq_depth": 1, "combine_groups": false, "vq_temp": [2.0, 0.5, 0.999995],
            "vq_gamma": 0.25, "infonce": false}
            """#
        ),
        (
            "p08_short_cross_only",
            #"""
            {"prediction_steps": 12, "sample_distance": null, "cross_sample_negatives": 5,
            "num_negatives": 0, "conv_feature_layers": "[(12, 10, 5), (12, 8, 4), (12, 4, 2)]",
            "conv_aggregator_layers": "[(12, 2, 1), (12, 12, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": false, "skip_connections_feat": false, "skip_connections_agg": false,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "same", "non_affine_group_norm": false, "offset": "auto",
            "activation": "gelu", "vq_type": "gumbel", "vq_vars": 7, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 2, "combine_groups": false, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.25,
            "infonce": false}
            """#
        ),
        (
            "p09_optim_gumbel",
            #"""
            {"prediction_steps": 3, "sample_distance": 12, "cross_sample_negatives": 0, "num_negatives": 4,
            "conv_feature_layers": "[(10, 10, 5), (10, 8, 4), (10, 4, 2)]",
            "conv_aggregator_layers": "[(10, 2, 1), (10, 3, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": false, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "gelu", "vq_type": "gumbel", "vq_vars": 8, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 2, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.9], "vq_gamma": 0.25,
            "infonce": false}
            """#
        ),
        (
            "p10_optim_kmeans_clip",
            #"""
            {"prediction_steps": 3, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 4, "conv_feature_layers": "[(10, 10, 5), (10, 8, 4), (10, 4, 2)]",
            "conv_aggregator_layers": "[(10, 2, 1), (10, 3, 1)]", "dropout": 0.0, "dropout_features": 0.0,
            "dropout_agg": 0.0, "aggregator": "cnn", "gru_dim": 512, "no_conv_bias": false,
            "agg_zero_pad": false, "skip_connections_feat": false, "skip_connections_agg": true,
            "residual_scale": 0.5, "log_compression": true, "balanced_classes": false,
            "project_features": "none", "non_affine_group_norm": false, "offset": "auto",
            "activation": "relu", "vq_type": "kmeans", "vq_vars": 8, "vq_groups": 2, "vq_dim": 0,
            "vq_depth": 1, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.999995], "vq_gamma": 0.25,
            "infonce": false}
            """#
        ),
        (
            "p11_paper_topology",
            #"""
            {"prediction_steps": 12, "sample_distance": null, "cross_sample_negatives": 0,
            "num_negatives": 10,
            "conv_feature_layers": "[(16, 10, 5), (16, 8, 4), (16, 4, 2), (16, 4, 2), (16, 4, 2), \#
            (16, 1, 1), (16, 1, 1), (16, 1, 1)]",
            "conv_aggregator_layers": "[(16, 2, 1), (16, 3, 1), (16, 4, 1), (16, 5, 1), (16, 6, 1), \#
            (16, 7, 1), (16, 8, 1), (16, 9, 1), (16, 10, 1), (16, 11, 1), (16, 12, 1), (16, 13, 1)]",
            "dropout": 0.0, "dropout_features": 0.0, "dropout_agg": 0.0, "aggregator": "cnn",
            "gru_dim": 512, "no_conv_bias": false, "agg_zero_pad": false, "skip_connections_feat": false,
            "skip_connections_agg": true, "residual_scale": 0.5, "log_compression": true,
            "balanced_classes": false, "project_features": "none", "non_affine_group_norm": false,
            "offset": "auto", "activation": "gelu", "vq_type": "gumbel", "vq_vars": 24, "vq_groups": 2,
            "vq_dim": 0, "vq_depth": 2, "combine_groups": true, "vq_temp": [2.0, 0.5, 0.999995],
            "vq_gamma": 0.25, "infonce": false}
            """#
        ),
    ]
}
